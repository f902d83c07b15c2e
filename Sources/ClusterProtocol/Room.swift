enum ClusterProtocolRoom {}
