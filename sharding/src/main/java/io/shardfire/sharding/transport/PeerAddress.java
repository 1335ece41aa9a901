package io.shardfire.sharding.transport;

/** Where a rank listens. */
public record PeerAddress(String host, int port) {}
