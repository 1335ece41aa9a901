package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.PeerMessage;
import io.shardfire.sharding.wire.ReceiverReady;
import java.util.BitSet;

/**
 * A collective of floats: at most one range goes to each peer and at most one comes from it. A
 * receiver asks for its range; the sender then sends it in chunks, which are copied straight to
 * where they belong. State is guarded by the group's lock.
 */
final class Exchange extends Collective {
  private final FloatRange[] outgoing;
  private final FloatRange[] incoming;
  private final ElementType type;
  private final Runnable finish;
  private final int chunkElements;
  private final BitSet[] claimed;
  private final int[] missingChunks;
  private final BitSet asked = new BitSet();

  /**
   * @param outgoing per peer, what it gets, or null
   * @param incoming per peer, where its floats go, or null
   * @param type as what the floats travel, both ways
   * @param finish what to do once all have arrived; runs on the node's summing thread; null for
   *     nothing
   */
  Exchange(
      NetworkCommunicator communicator,
      ExchangeKey id,
      FloatRange[] outgoing,
      FloatRange[] incoming,
      ElementType type,
      Runnable finish) {
    super(communicator, id);
    this.outgoing = outgoing;
    this.incoming = incoming;
    this.type = type;
    this.finish = finish;
    this.chunkElements = communicator.chunkElements(type);
    this.claimed = new BitSet[incoming.length];
    this.missingChunks = new int[incoming.length];
    for (int rank = 0; rank < incoming.length; rank++) {
      if (incoming[rank] != null) {
        int chunks = (incoming[rank].length() + chunkElements - 1) / chunkElements;
        claimed[rank] = new BitSet(chunks);
        missingChunks[rank] = chunks;
        expect(rank);
      }
      if (outgoing[rank] != null) {
        owe(rank);
      }
    }
  }

  /** Asks every peer for what it owes this rank. */
  void ask() {
    for (int rank = 0; rank < incoming.length; rank++) {
      if (incoming[rank] != null) {
        ReceiverReady ready = new ReceiverReady(header(), incoming[rank].length());
        communicator().link(rank).send(new Notice(this, ready, false));
      }
    }
  }

  @Override
  boolean needs(int rank) {
    return super.needs(rank) || (owes(rank) && !asked.get(rank));
  }

  @Override
  Runnable deliver(int sender, PeerMessage message) {
    if (!(message instanceof ReceiverReady ready)) {
      throw refuse("A message does not fit the operation: message=" + message, sender);
    }
    FloatRange range = outgoing[sender];
    if (range == null || range.length() != ready.length()) {
      throw refuse(
          "The ranks do not issue the same collective: rank %d expects %d floats, rank %d has %d"
              .formatted(
                  sender,
                  ready.length(),
                  communicator().rank(),
                  range == null ? 0 : range.length()),
          sender);
    }
    if (asked.get(sender)) {
      throw refuse("A rank asked twice", sender);
    }
    asked.set(sender);
    communicator().link(sender).send(new Transfer(this, header(), range, type, chunkElements));
    return () -> {};
  }

  /**
   * Reserves a chunk's place, once; under the lock. The copy itself needs no lock: nobody else
   * writes there, and the collective is not complete before {@link #arrived}.
   *
   * @return the first float of the chunk's place
   */
  FloatRange claim(int sender, GradientShard shard) {
    FloatRange range = incoming[sender];
    if (range == null) {
      throw refuse("A shard came from a rank that owes none", sender);
    }
    if (shard.payload().type() != type) {
      throw refuse(
          "The ranks do not issue the same collective: rank %d sends elementType=%s, rank %d"
                  .formatted(sender, shard.payload().type(), communicator().rank())
              + " expects elementType=%s".formatted(type),
          sender);
    }
    int count = shard.payload().elements();
    long offset = (long) shard.chunk() * chunkElements;
    long expected = Math.min(chunkElements, range.length() - offset);
    if (offset != shard.offset() || count != expected) {
      throw refuse(
          ("A shard has a wrong place or size: chunk=%d, offset=%d, count=%d, "
                  + "expectedOffset=%d, expectedCount=%d, length=%d")
              .formatted(shard.chunk(), shard.offset(), count, offset, expected, range.length()),
          sender);
    }
    if (claimed[sender].get(shard.chunk())) {
      throw refuse("A shard arrived twice: chunk=" + shard.chunk(), sender);
    }
    claimed[sender].set(shard.chunk());
    return new FloatRange(range.array(), range.offset() + (int) offset, count);
  }

  /** A claimed chunk lies in its place; under the lock. */
  void arrived(int sender) {
    missingChunks[sender]--;
    if (missingChunks[sender] == 0) {
      arrivedFrom(sender);
    }
  }

  @Override
  void finish() {
    if (finish == null) {
      finished();
    } else {
      communicator()
          .compute(
              () -> {
                try {
                  finish.run();
                  finished();
                } catch (RuntimeException e) {
                  fail(e.getMessage(), e);
                }
              },
              this);
    }
  }

  private CollectiveException refuse(String reason, int sender) {
    String message = reason + ", sender=" + sender;
    fail(message, null);
    return new CollectiveException(message);
  }
}
