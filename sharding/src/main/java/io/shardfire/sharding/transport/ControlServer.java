package io.shardfire.sharding.transport;

import java.util.function.Consumer;

/**
 * The driver's end of the control channel, over the same transport, Kryo format and authentication
 * as the shards.
 */
public final class ControlServer implements AutoCloseable {
  private ControlServer() {}

  /** Listens; {@code handler} is called from one thread, in arrival order. */
  public static ControlServer start(
      NetworkConfiguration configuration, Consumer<ControlMessage> handler) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Where ranks send to. */
  public PeerAddress address() {
    throw new UnsupportedOperationException("skeleton");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("skeleton");
  }
}
