package io.shardfire.sharding.collective;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One collective of an {@link InProcessGroup}: gathers every rank's arguments, then carries the
 * operation out. Everything but waiting is guarded by the group's lock.
 */
final class Meeting {
  /** What the ranks want to do, once all arguments are there in rank order. */
  interface Operation {
    /** Called once, by the last rank to arrive; a failure is every rank's failure. */
    void run(List<Object> arguments);
  }

  private final String name;
  private final CollectiveKey key;
  private final Operation operation;
  private final Object[] arguments;
  private final CountDownLatch done = new CountDownLatch(1);
  private RuntimeException failure;

  Meeting(String name, CollectiveKey key, int worldSize, Operation operation) {
    this.name = name;
    this.key = key;
    this.operation = operation;
    this.arguments = new Object[worldSize];
  }

  CollectiveKey key() {
    return key;
  }

  /** A rank that issues something else under the key fails the collective for everybody. */
  void checkOperation(int rank, String issued) {
    if (!issued.equals(name)) {
      String message =
          "The ranks issue different operations under one key: rank %d issued %s, others %s"
              .formatted(rank, issued, name);
      fail(new CollectiveException(message));
      throw new CollectiveException(message + CollectiveArguments.where(key, rank));
    }
  }

  boolean hasArrived(int rank) {
    return arguments[rank] != null;
  }

  /** Returns whether this was the last rank. */
  boolean arrive(int rank, Object argument) {
    arguments[rank] = argument;
    if (!missing().isEmpty()) {
      return false;
    }
    if (done.getCount() == 1) {
      try {
        operation.run(List.of(arguments));
        done.countDown();
      } catch (RuntimeException e) {
        fail(e);
      }
    }
    return true;
  }

  /**
   * A rank left. If it is still missing, nobody needs to wait for the deadline; if it is not, its
   * arrays must not be touched any more.
   */
  void lose(int rank) {
    if (done.getCount() == 1) {
      fail(
          new CollectiveException(
              "Rank %d left the group before %s"
                  .formatted(rank, hasArrived(rank) ? "all took part" : "it took part")));
    }
  }

  private void fail(RuntimeException cause) {
    failure = cause;
    done.countDown();
  }

  Object argument(int rank) {
    return arguments[rank];
  }

  void await(int rank, Duration timeout, InProcessGroup group) {
    try {
      if (!done.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        synchronized (group) {
          throw new CollectiveException(
              ("Timed out after %d ms in %s; look at the logs of the missing ranks, or raise the"
                      + " timeout: missing=%s%s")
                  .formatted(
                      timeout.toMillis(), name, missing(), CollectiveArguments.where(key, rank)));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CollectiveException(
          "Interrupted in " + name + CollectiveArguments.where(key, rank), e);
    }
    if (failure != null) {
      throw new CollectiveException(
          failure.getMessage() + ": operation=" + name + CollectiveArguments.where(key, rank),
          failure);
    }
  }

  private List<Integer> missing() {
    List<Integer> missing = new ArrayList<>();
    for (int rank = 0; rank < arguments.length; rank++) {
      if (arguments[rank] == null) {
        missing.add(rank);
      }
    }
    return missing;
  }
}
