package io.shardfire.sharding.transport;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import org.apache.spark.network.protocol.ResponseMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a connection that has failed, in one line. A peer that dies or a stranger that sends rubbish
 * is no fault of this program, and Spark's transport would log both with a stack trace.
 */
@Sharable
final class ConnectionFailures extends ChannelDuplexHandler {
  static final ConnectionFailures INSTANCE = new ConnectionFailures();

  /** In front of Spark's last handler, which would log the failure. */
  static final String NAME = "shardfireFailures";

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionFailures.class);

  private ConnectionFailures() {}

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.info(
          "The connection {} was lost: {}",
          ClosedConnection.describe(context.channel()),
          cause.getMessage());
      ChannelFuture unused = context.close();
    } else {
      LOG.debug("A connection has failed", cause);
      ClosedConnection.close(context.channel(), "what it sent cannot be read: " + cause);
    }
  }

  /** An answer that cannot be sent says only that the peer is gone, and so does the channel. */
  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (!(message instanceof ResponseMessage)) {
      ChannelFuture unused = context.write(message, promise);
      return;
    }
    context
        .write(message)
        .addListener(
            sent -> {
              if (!sent.isSuccess()) {
                ChannelFuture unused = context.close();
              }
              // Spark logs an answer that failed, so it does not hear of it.
              promise.trySuccess();
            });
  }
}
