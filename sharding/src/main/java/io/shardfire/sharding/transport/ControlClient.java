package io.shardfire.sharding.transport;

/** A rank's end of the control channel. Thread-safe. */
public final class ControlClient implements AutoCloseable {
  private ControlClient() {}

  /** Connects to the driver. */
  public static ControlClient connect(NetworkConfiguration configuration, PeerAddress driver) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Sends and waits for the acknowledgement. */
  public void send(ControlMessage message) {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
