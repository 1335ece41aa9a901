package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.wire.ByteShare;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.PeerMessage;
import io.shardfire.sharding.wire.ReceiverReady;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What faster peers sent before the local rank issued the collective: requests and small byte
 * messages, never shards. Bounded per sender. Guarded by its group.
 */
final class EarlyMessages {
  /** Several steps of a large model. */
  static final int MAX_MESSAGES = 4096;

  static final int MAX_BYTES = 2 * ByteShare.MAX_BYTES;

  /** Before the local rank has joined, nobody knows whether the senders belong to the run. */
  static final int MAX_MESSAGES_UNJOINED = 256;

  static final int MAX_BYTES_UNJOINED = 1 << 16;

  private final Map<CollectiveKey, List<PeerMessage>> messages = new HashMap<>();
  private final Map<Integer, Held> held = new HashMap<>();

  private static final class Held {
    private int messages;
    private int bytes;
  }

  /**
   * Keeps a message.
   *
   * @param joined whether the local rank has joined the group
   */
  void add(PeerMessage message, boolean joined) {
    int mostMessages = joined ? MAX_MESSAGES : MAX_MESSAGES_UNJOINED;
    int mostBytes = joined ? MAX_BYTES : MAX_BYTES_UNJOINED;
    MessageHeader header = header(message);
    Held of = held.computeIfAbsent(header.sender(), sender -> new Held());
    if (of.messages >= mostMessages || of.bytes > mostBytes - size(message)) {
      throw new CollectiveException(
          "A rank is too far ahead of this one: messages=%d, bytes=%d, %s"
              .formatted(of.messages, of.bytes, header.describe()));
    }
    of.messages++;
    of.bytes += size(message);
    messages.computeIfAbsent(header.key(), key -> new ArrayList<>()).add(message);
  }

  /** Removes and returns what belongs to a collective, or to another call under its key. */
  List<PeerMessage> take(ExchangeKey id) {
    List<PeerMessage> all = messages.remove(id.key());
    if (all == null) {
      return List.of();
    }
    List<PeerMessage> taken = new ArrayList<>();
    List<PeerMessage> kept = new ArrayList<>();
    for (PeerMessage message : all) {
      MessageHeader header = header(message);
      boolean otherHalf = header.operation() != id.operation() && id.sameCall(header.operation());
      (otherHalf ? kept : taken).add(message);
    }
    if (!kept.isEmpty()) {
      messages.put(id.key(), kept);
    }
    for (PeerMessage message : taken) {
      Held of = held.get(header(message).sender());
      of.messages--;
      of.bytes -= size(message);
    }
    return taken;
  }

  static MessageHeader header(PeerMessage message) {
    if (message instanceof ReceiverReady ready) {
      return ready.header();
    }
    if (message instanceof ByteShare share) {
      return share.header();
    }
    if (message instanceof GradientShard shard) {
      return shard.header();
    }
    throw new IllegalArgumentException("The message belongs to no collective: " + message);
  }

  private static int size(PeerMessage message) {
    return message instanceof ByteShare share ? share.bytes().length : 0;
  }
}
