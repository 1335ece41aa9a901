package io.shardfire.sharding.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.spark.network.util.TransportFrameDecoder;

/**
 * Copies a frame that arrived in pieces into one pooled direct buffer. Without this, viewing the
 * frame as one buffer would allocate its whole size on the heap, once per chunk.
 */
@Sharable
final class FrameConsolidation extends ChannelInboundHandlerAdapter {
  private static final String NAME = "frameConsolidation";
  private static final FrameConsolidation INSTANCE = new FrameConsolidation();

  private FrameConsolidation() {}

  /** Call on the channel's own thread, before it reads. */
  static void install(Channel channel) {
    channel.pipeline().addAfter(TransportFrameDecoder.HANDLER_NAME, NAME, INSTANCE);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof CompositeByteBuf pieces && pieces.numComponents() > 1) {
      ByteBuf whole = context.alloc().directBuffer(pieces.readableBytes());
      try {
        whole.writeBytes(pieces);
      } finally {
        pieces.release();
      }
      context.fireChannelRead(whole);
    } else {
      context.fireChannelRead(message);
    }
  }
}
