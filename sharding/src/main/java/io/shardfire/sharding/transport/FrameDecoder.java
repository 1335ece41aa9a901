package io.shardfire.sharding.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import org.apache.spark.network.util.TransportFrameDecoder;

/**
 * Cuts what arrives into frames, and closes a connection whose next frame is longer than it may be,
 * before any of it is kept:
 *
 * <pre>
 * byte  0  int64  length of the whole frame, these 8 bytes too, big-endian
 *       8  ...    one message of Spark's transport
 * </pre>
 *
 * <p>Takes the place of Spark's decoder, which holds a frame of any length, and in pieces. Here a
 * frame that comes in pieces is copied into one pooled direct buffer of its size while it arrives,
 * so no piece is held, and viewing the frame as one buffer allocates nothing.
 */
final class FrameDecoder extends ChannelInboundHandlerAdapter {
  static final String NAME = "shardfireFrames";
  private static final String SASL_NAME = "saslFrameDecoder";

  /** What the encryption of SASL adds to a block, generously. */
  private static final int SASL_OVERHEAD = 1024;

  /** Other threads may raise it. */
  private volatile int limit;

  private long length;
  private int lengthBytes;
  private ByteBuf frame;

  /**
   * @param limit most bytes of a frame, without its length
   */
  FrameDecoder(int limit) {
    this.limit = limit;
  }

  /** Puts a decoder in the place of Spark's, before the channel has read anything. */
  static FrameDecoder install(Channel channel, int limit) {
    FrameDecoder decoder = new FrameDecoder(limit);
    channel.pipeline().replace(TransportFrameDecoder.HANDLER_NAME, NAME, decoder);
    return decoder;
  }

  /**
   * Encryption by SASL cuts its blocks with a decoder of its own, which is there once a connection
   * has authenticated; does nothing without it.
   */
  static void installForSasl(Channel channel, int maxBlockBytes) {
    ChannelPipeline pipeline = channel.pipeline();
    if (pipeline.get(SASL_NAME) instanceof TransportFrameDecoder) {
      pipeline.replace(SASL_NAME, SASL_NAME, new FrameDecoder(maxBlockBytes + SASL_OVERHEAD));
    }
  }

  /** The decoder of a channel that {@link #install} was called for; null when it has ended. */
  static FrameDecoder of(Channel channel) {
    return (FrameDecoder) channel.pipeline().get(NAME);
  }

  /** Frames may be of another length from now on; any thread may call it. */
  void limit(int bytes) {
    limit = bytes;
  }

  /** The buffer is this handler's from here on, also when something fails. */
  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf input = (ByteBuf) message;
    try {
      // A connection that was closed meanwhile wants nothing more of what has arrived.
      while (input.isReadable() && !ClosedConnection.isClosed(context.channel())) {
        read(context, input);
      }
    } finally {
      input.release();
    }
  }

  private void read(ChannelHandlerContext context, ByteBuf input) {
    if (lengthBytes < Long.BYTES) {
      readLength(context.channel(), input);
      return;
    }
    int size = (int) length - Long.BYTES;
    if (frame == null && input.readableBytes() >= size) {
      pass(context, input.readRetainedSlice(size));
      return;
    }
    if (frame == null) {
      frame = context.alloc().directBuffer(size, size);
    }
    frame.writeBytes(input, Math.min(input.readableBytes(), frame.writableBytes()));
    if (!frame.isWritable()) {
      pass(context, frame);
    }
  }

  private void readLength(Channel channel, ByteBuf input) {
    if (lengthBytes == 0 && input.readableBytes() >= Long.BYTES) {
      length = input.readLong();
      lengthBytes = Long.BYTES;
    } else {
      length = length << 8 | input.readUnsignedByte();
      lengthBytes++;
    }
    long size = length - Long.BYTES;
    if (lengthBytes == Long.BYTES && (size < 1 || size > limit)) {
      ClosedConnection.close(
          channel,
          "a frame of a wrong length, and nothing of it was kept; is it a rank of this run, of the"
              + " same version and cluster.chunkBytes? bytes=%d, limit=%d".formatted(size, limit));
    }
  }

  private void pass(ChannelHandlerContext context, ByteBuf whole) {
    frame = null;
    length = 0;
    lengthBytes = 0;
    context.fireChannelRead(whole);
  }

  /** Called in every case, also when the channel has ended. */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    if (frame != null) {
      frame.release();
      frame = null;
    }
  }
}
