package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.wire.ElementType;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.ShardPayload;

/** A range on its way to one peer, chunk by chunk. Used only on the sending thread. */
final class Transfer {
  private final Exchange exchange;
  private final MessageHeader header;
  private final FloatRange range;
  private final int chunkFloats;
  private int sent;
  private int acknowledged;

  Transfer(Exchange exchange, MessageHeader header, FloatRange range, int chunkFloats) {
    this.exchange = exchange;
    this.header = header;
    this.range = range;
    this.chunkFloats = chunkFloats;
  }

  Exchange exchange() {
    return exchange;
  }

  /** Nothing is left to send, or nobody wants it any more. */
  boolean isExhausted() {
    return sent == chunks() || exchange.isDone();
  }

  GradientShard next() {
    int offset = sent * chunkFloats;
    int count = Math.min(chunkFloats, range.length() - offset);
    FloatRange chunk = new FloatRange(range.array(), range.offset() + offset, count);
    return new GradientShard(
        header, sent++, ElementType.FP32, offset, new ShardPayload.OfFloats(chunk));
  }

  /** One chunk more was accepted. */
  void acknowledged(int rank) {
    acknowledged++;
    if (acknowledged == chunks()) {
      exchange.acknowledgedBy(rank);
    }
  }

  private int chunks() {
    return (range.length() + chunkFloats - 1) / chunkFloats;
  }
}
