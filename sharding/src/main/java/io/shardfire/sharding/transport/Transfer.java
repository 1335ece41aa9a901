package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.ShardPayload;

/** A range on its way to one peer, chunk by chunk. Used only on the sending thread. */
final class Transfer {
  private final Exchange exchange;
  private final MessageHeader header;
  private final FloatRange range;
  private final ElementType type;
  private final int chunkElements;
  private int sent;
  private int acknowledged;

  Transfer(
      Exchange exchange,
      MessageHeader header,
      FloatRange range,
      ElementType type,
      int chunkElements) {
    this.exchange = exchange;
    this.header = header;
    this.range = range;
    this.type = type;
    this.chunkElements = chunkElements;
  }

  Exchange exchange() {
    return exchange;
  }

  /** Nothing is left to send, or nobody wants it any more. */
  boolean isExhausted() {
    return sent == chunks() || exchange.isDone();
  }

  GradientShard next() {
    int offset = sent * chunkElements;
    int count = Math.min(chunkElements, range.length() - offset);
    FloatRange chunk = new FloatRange(range.array(), range.offset() + offset, count);
    return new GradientShard(header, sent++, offset, new ShardPayload.OfFloats(type, chunk));
  }

  /** One chunk more was accepted. */
  void acknowledged(int rank) {
    acknowledged++;
    if (acknowledged == chunks()) {
      exchange.acknowledgedBy(rank);
    }
  }

  private int chunks() {
    return (range.length() + chunkElements - 1) / chunkElements;
  }
}
