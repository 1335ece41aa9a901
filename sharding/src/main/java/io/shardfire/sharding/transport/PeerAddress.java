package io.shardfire.sharding.transport;

/** Where a rank listens. */
public record PeerAddress(String host, int port) {
  /** Checks. */
  public PeerAddress {
    if (host.isBlank() || port < 1 || port > 65535) {
      throw new IllegalArgumentException(
          "An address has a host and a port: host=" + host + ", port=" + port);
    }
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
