enum ClusterRuntimeRoom {}
