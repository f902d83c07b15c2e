enum CTCDecodingRoom {}
