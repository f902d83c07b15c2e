enum BatchingRoom {}
