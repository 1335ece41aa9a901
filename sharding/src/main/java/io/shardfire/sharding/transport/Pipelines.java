package io.shardfire.sharding.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;

/**
 * The handlers of a connection, in the order in which they see what arrives:
 *
 * <pre>
 *   decryption        Spark's, once authenticated, if the traffic is encrypted
 *   FrameDecoder      cuts into frames and refuses long ones, in place of Spark's
 *   MessageGate       refuses messages and lengths that ranks do not send
 *   decoder           Spark's
 *   idleStateHandler  Spark's
 *   ConnectionFailures
 *   handler           Spark's: calls the endpoint's handler, or who waits for an answer
 * </pre>
 */
final class Pipelines {
  private static final String HANDLER = "handler";

  private Pipelines() {}

  /** For either end of a connection; on its thread, before it reads. */
  static void install(Channel channel, int frameBytes, MessageGate gate) {
    FrameDecoder.install(channel, frameBytes);
    ChannelPipeline pipeline = channel.pipeline();
    pipeline.addAfter(FrameDecoder.NAME, MessageGate.NAME, gate);
    pipeline.addBefore(HANDLER, ConnectionFailures.NAME, ConnectionFailures.INSTANCE);
  }
}
