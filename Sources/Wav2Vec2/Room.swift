enum Wav2Vec2Room {}
