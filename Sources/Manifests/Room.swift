enum ManifestsRoom {}
