enum ClusterSimulationRoom {}
