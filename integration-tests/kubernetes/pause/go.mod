module io.shardfire/integration-tests/kubernetes/pause

go 1.26.0
