package io.shardfire.sharding.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Lets only those messages of Spark's transport pass that ranks send each other, and only with
 * lengths that fit their frame. Spark's decoders allocate what a length asks for, of anybody, and
 * know messages that would open streams.
 *
 * <pre>
 * byte  0  uint8  type: request 3, answer 4, failure 5
 *       1  int64  number of the request
 *       9  int32  length of what follows, which Spark reads in a failure only
 *      13  ...    the request, the answer, or the failure's text
 * </pre>
 *
 * <p>A request may belong to the authentication, and begins then with one of
 *
 * <pre>
 * 0xEA  int32  n, n bytes, ...                                          SASL
 * 0xFB  int32  n, n bytes, int32  m, m bytes, int32  k, k bytes         Spark's own, answers too
 * </pre>
 */
@Sharable
final class MessageGate extends ChannelInboundHandlerAdapter {
  /** Bytes before a request or an answer. */
  static final int HEADER_BYTES = 13;

  /** For connections that a peer has opened, and sends requests over. */
  static final MessageGate REQUESTS = new MessageGate(true);

  /** For connections of our own. */
  static final MessageGate ANSWERS = new MessageGate(false);

  static final String NAME = "shardfireMessages";

  private static final int REQUEST = 3;
  private static final int ANSWER = 4;
  private static final int FAILURE = 5;
  private static final int SASL_TAG = 0xEA;
  private static final int SPARK_TAG = 0xFB;

  private final boolean requests;

  private MessageGate(boolean requests) {
    this.requests = requests;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf frame = (ByteBuf) message;
    if (valid(frame)) {
      context.fireChannelRead(frame);
      return;
    }
    int type = frame.getByte(frame.readerIndex());
    int bytes = frame.readableBytes();
    frame.release();
    ClosedConnection.close(
        context.channel(),
        "not a message that ranks send; is it a rank of this run? type=%d, bytes=%d"
            .formatted(type, bytes));
  }

  private boolean valid(ByteBuf frame) {
    int start = frame.readerIndex();
    if (frame.readableBytes() < HEADER_BYTES) {
      return false;
    }
    int body = start + HEADER_BYTES;
    return switch (frame.getByte(start)) {
      case REQUEST -> requests && validBody(frame, body);
      case ANSWER -> !requests && validBody(frame, body);
      case FAILURE -> !requests && parts(frame, body - Integer.BYTES, 1) == frame.writerIndex();
      default -> false;
    };
  }

  private boolean validBody(ByteBuf frame, int body) {
    if (body == frame.writerIndex()) {
      return true;
    }
    int tag = frame.getUnsignedByte(body);
    if (tag == SPARK_TAG) {
      return parts(frame, body + 1, 3) >= 0;
    }
    // The answers of SASL have no lengths; they and ours are text.
    return !requests || tag != SASL_TAG || parts(frame, body + 1, 1) >= 0;
  }

  /** Where the last of several parts ends, each a length and its bytes; -1 when it does not fit. */
  private static int parts(ByteBuf frame, int at, int count) {
    int position = at;
    for (int part = 0; part < count; part++) {
      int left = frame.writerIndex() - position - Integer.BYTES;
      if (left < 0) {
        return -1;
      }
      int length = frame.getInt(position);
      if (length < 0 || length > left) {
        return -1;
      }
      position += Integer.BYTES + length;
    }
    return position;
  }
}
