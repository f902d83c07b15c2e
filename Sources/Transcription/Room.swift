enum TranscriptionRoom {}
