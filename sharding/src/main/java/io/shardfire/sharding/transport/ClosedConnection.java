package io.shardfire.sharding.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.AttributeKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes a connection for a reason, and says it in one line. */
final class ClosedConnection {
  private static final Logger LOG = LoggerFactory.getLogger(ClosedConnection.class);

  private static final AttributeKey<Boolean> CLOSED = AttributeKey.valueOf("shardfire.closed");

  private ClosedConnection() {}

  /** Any thread may call it; a connection that is closed already needs no reason. */
  static void close(Channel channel, String reason) {
    if (channel.isOpen() && channel.attr(CLOSED).compareAndSet(null, true)) {
      LOG.warn("Closed the connection {}: {}", describe(channel), reason);
      ChannelFuture unused = channel.close();
    }
  }

  /** Whether it was closed, also where encryption still says goodbye. */
  static boolean isClosed(Channel channel) {
    return !channel.isOpen() || channel.attr(CLOSED).get() != null;
  }

  /** For log lines: which end of the connection the other side is, and where. */
  static String describe(Channel channel) {
    return (channel.parent() == null ? "to " : "from ") + channel.remoteAddress();
  }
}
