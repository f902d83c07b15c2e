enum ModelHubRoom {}
