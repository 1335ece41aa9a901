package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveArguments;
import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.RecentKeys;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.JoinGroup;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.PeerMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * One generation of a group on this node: what is under way, who has joined and who is lost. It may
 * exist before the local rank joins, when a peer was faster. This object's monitor guards it and
 * its collectives.
 */
final class Group {
  private final String name;
  private final int generation;
  private final Map<ExchangeKey, Collective> open = new HashMap<>();
  private final Set<CollectiveKey> issued = RecentKeys.create();
  private final Map<CollectiveKey, String> failed = RecentKeys.createMap();
  private final EarlyMessages early = new EarlyMessages();
  private final Map<Integer, JoinGroup> joined = new TreeMap<>();
  private final List<Runnable> announced = new ArrayList<>();
  private final Map<Integer, String> lost = new TreeMap<>();
  private NetworkCommunicator local;
  private boolean left;

  /** Chunks that are being copied to their places, without the lock. */
  private int copies;

  Group(String name, int generation) {
    this.name = name;
    this.generation = generation;
  }

  String name() {
    return name;
  }

  int generation() {
    return generation;
  }

  /**
   * A peer joins.
   *
   * @param belongs called once the local rank has joined too
   */
  synchronized void admit(JoinGroup join, Runnable belongs) {
    if (left) {
      throw new CollectiveException("This rank has left the group: " + join);
    }
    if (local != null) {
      local.checkJoin(join);
    }
    if (joined.putIfAbsent(join.sender(), join) != null) {
      throw new CollectiveException("A rank joined twice: " + join);
    }
    if (local != null) {
      belongs.run();
    } else {
      announced.add(belongs);
    }
  }

  /** The local rank joins. */
  synchronized void attach(NetworkCommunicator communicator) {
    if (local != null || left) {
      throw new CollectiveException(
          "This node has already joined the group: group=" + name + ", generation=" + generation);
    }
    joined.values().forEach(communicator::checkJoin);
    local = communicator;
    announced.forEach(Runnable::run);
    announced.clear();
  }

  /**
   * Opens a collective and hands it the messages that came early.
   *
   * @param first whether this is the call's only or first half, which must have a key of its own
   */
  synchronized void issue(Collective collective, boolean first) {
    CollectiveKey key = collective.id().key();
    if (left) {
      throw new CollectiveException(
          "This rank has left the group" + CollectiveArguments.where(key, local.rank()));
    }
    if (first && !issued.add(key)) {
      throw new CollectiveException(
          "This rank has already used the key; every collective needs its own"
              + CollectiveArguments.where(key, local.rank()));
    }
    open.put(collective.id(), collective);
    for (String reason : lost.values()) {
      collective.fail(reason, null);
    }
    for (PeerMessage message : early.take(collective.id())) {
      MessageHeader header = EarlyMessages.header(message);
      if (!collective.isDone() && header.operation() == collective.id().operation()) {
        deliver(collective, message);
      } else if (!collective.isDone()) {
        collective.fail(differs(header, collective), null);
      }
    }
    collective.advance();
  }

  private static void deliver(Collective collective, PeerMessage message) {
    try {
      collective.deliver(EarlyMessages.header(message).sender(), message).run();
    } catch (CollectiveException e) {
      // The collective has failed with it already, and its await() says so.
      if (!collective.isDone()) {
        throw e;
      }
    }
  }

  /**
   * Takes a message that may come before its collective is issued here.
   *
   * @return what to do once the message was acknowledged
   */
  synchronized Runnable take(PeerMessage message) {
    MessageHeader header = EarlyMessages.header(message);
    checkOpen(header);
    Collective collective = open.get(ExchangeKey.of(header));
    if (collective != null) {
      return collective.deliver(header.sender(), message);
    }
    Collective other = otherOperation(header);
    if (other != null) {
      String reason = differs(header, other);
      other.fail(reason, null);
      throw new CollectiveException(reason);
    }
    checkNotFailed(header);
    if (issued.contains(header.key()) && !sumIsOpen(header)) {
      throw new CollectiveException(
          "The collective has already ended here, or its key was used twice: " + header.describe());
    }
    early.add(message, local != null);
    return () -> {};
  }

  /**
   * Puts a chunk in its place.
   *
   * @return what to do once the chunk was acknowledged
   */
  Runnable place(GradientShard shard) {
    Landing landing = claim(shard);
    FloatRange place = landing.place();
    try {
      shard.payload().copyTo(place.array(), place.offset());
    } finally {
      copied();
    }
    int sender = shard.header().sender();
    return () -> {
      synchronized (this) {
        landing.exchange().arrived(sender);
      }
    };
  }

  /** Where a chunk is to be copied. */
  record Landing(Exchange exchange, FloatRange place) {}

  /** Reserves a chunk's place; the group is not left in peace before {@link #copied}. */
  synchronized Landing claim(GradientShard shard) {
    MessageHeader header = shard.header();
    checkOpen(header);
    if (!(open.get(ExchangeKey.of(header)) instanceof Exchange exchange)) {
      checkNotFailed(header);
      throw new CollectiveException(
          "A shard that this rank did not ask for, or of a collective that has already ended"
              + " here: chunk="
              + shard.chunk()
              + ", "
              + header.describe());
    }
    Landing landing = new Landing(exchange, exchange.claim(header.sender(), shard));
    copies++;
    return landing;
  }

  /** A chunk was copied, or will not be. */
  synchronized void copied() {
    copies--;
    notifyAll();
  }

  /**
   * After {@link #leave}: waits until no chunk is being copied to its place; false when the time is
   * over.
   */
  boolean awaitCopies(Duration timeout) {
    return Idle.uninterruptibly(
        nanoseconds -> {
          long deadline = System.nanoTime() + nanoseconds;
          synchronized (this) {
            long left = nanoseconds;
            while (copies > 0 && left > 0) {
              TimeUnit.NANOSECONDS.timedWait(this, left);
              left = deadline - System.nanoTime();
            }
            return copies == 0;
          }
        },
        timeout);
  }

  /** A damaged message fails its collective. */
  synchronized void fail(MessageHeader header, String reason) {
    Collective collective = open.get(ExchangeKey.of(header));
    if (collective != null) {
      collective.fail(reason, null);
    }
  }

  /** The connection from a peer ended: nothing more comes from it. */
  synchronized void lostFrom(int rank) {
    if (local == null) {
      lost.put(rank, "Rank " + rank + " has left the group or its connection was lost");
      return;
    }
    String reason = note(rank);
    for (Collective collective : List.copyOf(open.values())) {
      if (collective.needs(rank)) {
        collective.fail(reason, null);
      }
    }
  }

  /** The connection to a peer ended: nothing more reaches it. */
  synchronized void lostTo(int rank) {
    String reason = note(rank);
    for (Collective collective : List.copyOf(open.values())) {
      if (collective.owes(rank)) {
        collective.fail(reason, null);
      }
    }
  }

  private String note(int rank) {
    String reason =
        "Rank %d at %s has left the group or its connection was lost"
            .formatted(rank, local.peer(rank));
    lost.putIfAbsent(rank, reason);
    return reason;
  }

  /**
   * The local rank leaves: whatever is under way fails.
   *
   * @return whether it had joined
   */
  synchronized boolean leave() {
    left = true;
    for (Collective collective : List.copyOf(open.values())) {
      collective.fail("This rank has left the group", null);
    }
    return local != null;
  }

  /** The collective has ended; under the lock. */
  void close(Collective collective) {
    open.remove(collective.id());
  }

  /** The collective has failed; under the lock. */
  void closeFailed(Collective collective, String reason) {
    close(collective);
    failed.putIfAbsent(collective.id().key(), reason);
  }

  /**
   * Passes the reason on: a peer that is still in the collective must blame the rank that failed
   * it, not this one, which only noticed earlier.
   */
  private void checkNotFailed(MessageHeader header) {
    String reason = failed.get(header.key());
    if (reason != null) {
      throw new CollectiveException(
          "The collective has failed here: " + reason + ": " + header.describe());
    }
  }

  private void checkOpen(MessageHeader header) {
    if (left) {
      throw new CollectiveException("This rank has left the group: " + header.describe());
    }
  }

  /** A collective under the same key that is a different call. */
  private Collective otherOperation(MessageHeader header) {
    ExchangeKey id = ExchangeKey.of(header);
    for (Collective collective : open.values()) {
      boolean sameKey = collective.id().key().equals(header.key());
      if (sameKey && !id.sameCall(collective.id().operation())) {
        return collective;
      }
    }
    return null;
  }

  /** The first half of the same all-reduce is under way, so that the second may be asked for. */
  private boolean sumIsOpen(MessageHeader header) {
    ExchangeKey id = ExchangeKey.of(header);
    return open.values().stream()
        .map(Collective::id)
        .anyMatch(other -> other.key().equals(id.key()) && id.sameCall(other.operation()));
  }

  private String differs(MessageHeader header, Collective collective) {
    return "The ranks issue different operations under one key: rank %d issued %s, rank %d %s"
        .formatted(
            header.sender(),
            header.operation().call(),
            local.rank(),
            collective.id().operation().call());
  }
}
