package io.shardfire.sharding.collective;

import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Ranks as threads of one JVM. The last rank to issue a collective carries it out for all of them,
 * so results never depend on who waits first. Thread-safe.
 */
public final class InProcessGroup {
  private final int worldSize;
  private final Duration timeout;
  private final Map<CollectiveKey, Meeting> meetings = new HashMap<>();
  private final Set<CollectiveKey> finished = RecentKeys.create();
  private final BitSet left = new BitSet();

  private InProcessGroup(int worldSize, Duration timeout) {
    this.worldSize = worldSize;
    this.timeout = timeout;
  }

  /** A group whose waits end at {@code timeout}. */
  public static InProcessGroup of(int worldSize, Duration timeout) {
    if (worldSize < 1 || timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          "A group needs ranks and a timeout: worldSize=" + worldSize + ", timeout=" + timeout);
    }
    return new InProcessGroup(worldSize, timeout);
  }

  /** The communicator of one rank. */
  public Communicator communicator(int rank) {
    if (rank < 0 || rank >= worldSize) {
      throw new IllegalArgumentException(
          "The group has no such rank: rank=" + rank + ", worldSize=" + worldSize);
    }
    return new InProcessCommunicator(this, rank);
  }

  int worldSize() {
    return worldSize;
  }

  Duration timeout() {
    return timeout;
  }

  /**
   * Brings one rank's arguments to the meeting of a key, which is opened by the first rank and
   * carried out by the last, with the body that the first one brought.
   */
  synchronized Meeting arrive(
      int rank, CollectiveKey key, String operation, Object arguments, Meeting.Operation body) {
    if (left.get(rank)) {
      throw new CollectiveException(
          "This rank has left the group" + CollectiveArguments.where(key, rank));
    }
    if (finished.contains(key)) {
      throw duplicate(rank, key);
    }
    Meeting meeting =
        meetings.computeIfAbsent(key, opened -> new Meeting(operation, opened, worldSize, body));
    if (meeting.hasArrived(rank)) {
      throw duplicate(rank, key);
    }
    meeting.checkOperation(rank, operation);
    boolean complete = meeting.arrive(rank, arguments);
    for (int gone = left.nextSetBit(0); gone >= 0; gone = left.nextSetBit(gone + 1)) {
      meeting.lose(gone);
    }
    if (complete) {
      meetings.remove(key);
      finished.add(key);
    }
    return meeting;
  }

  synchronized void leave(int rank) {
    left.set(rank);
    meetings.values().forEach(meeting -> meeting.lose(rank));
  }

  private static CollectiveException duplicate(int rank, CollectiveKey key) {
    return new CollectiveException(
        "This rank has already used the key; every collective needs its own"
            + CollectiveArguments.where(key, rank));
  }
}
