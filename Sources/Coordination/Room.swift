enum CoordinationRoom {}
