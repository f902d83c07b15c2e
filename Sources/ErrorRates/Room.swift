enum ErrorRatesRoom {}
