package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.PeerMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One collective under way on this rank. It is complete when everything expected has arrived, the
 * result was computed from it, and every peer has acknowledged what this rank sent.
 *
 * <p>State is guarded by the group's lock; only {@link #await()} waits, without it.
 */
abstract class Collective implements Pending {
  private final NetworkCommunicator communicator;
  private final Group group;
  private final ExchangeKey id;
  private final boolean[] awaited;
  private final boolean[] unacknowledged;
  private final CountDownLatch done = new CountDownLatch(1);
  private boolean finishing;
  private boolean finished;
  private CollectiveException failure;

  Collective(NetworkCommunicator communicator, ExchangeKey id) {
    this.communicator = communicator;
    this.group = communicator.group();
    this.id = id;
    this.awaited = new boolean[communicator.worldSize()];
    this.unacknowledged = new boolean[communicator.worldSize()];
  }

  /**
   * Takes a message that may have come before the collective was issued; under the lock.
   *
   * @return what to do once the message was acknowledged
   */
  abstract Runnable deliver(int sender, PeerMessage message);

  /** Whether a lost incoming connection leaves something from the peer missing; under the lock. */
  boolean needs(int rank) {
    return awaited[rank];
  }

  /** Starts what is left to do once everything has arrived; calls finished() at its end. */
  abstract void finish();

  final ExchangeKey id() {
    return id;
  }

  final NetworkCommunicator communicator() {
    return communicator;
  }

  final MessageHeader header() {
    return communicator.header(id);
  }

  /** Under the lock, before the collective is issued. */
  final void expect(int rank) {
    awaited[rank] = true;
  }

  /** Under the lock, before the collective is issued. */
  final void owe(int rank) {
    unacknowledged[rank] = true;
  }

  final boolean owes(int rank) {
    return unacknowledged[rank];
  }

  /** Everything from the peer has arrived. */
  final void arrivedFrom(int rank) {
    synchronized (group) {
      awaited[rank] = false;
      advance();
    }
  }

  /** The peer has accepted everything this rank had for it. */
  final void acknowledgedBy(int rank) {
    synchronized (group) {
      unacknowledged[rank] = false;
      advance();
    }
  }

  final void finished() {
    synchronized (group) {
      finished = true;
      advance();
    }
  }

  /** Goes on as far as arrivals and acknowledgements allow; under the lock. */
  final void advance() {
    if (isDone()) {
      return;
    }
    if (!finishing && none(awaited)) {
      finishing = true;
      finish();
    }
    if (finished && !isDone() && none(unacknowledged)) {
      group.close(this);
      done.countDown();
    }
  }

  /** Ends the collective; the first failure stays. */
  final void fail(String message, Throwable cause) {
    synchronized (group) {
      if (!isDone()) {
        failure = new CollectiveException(message, cause);
        group.closeFailed(this, message);
        done.countDown();
      }
    }
  }

  final boolean isDone() {
    return done.getCount() == 0;
  }

  @Override
  public void await() {
    long start = System.nanoTime();
    Duration timeout = communicator.timeout();
    try {
      if (!done.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        fail(timedOut(timeout), null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail("Interrupted in " + id.operation().call(), e);
    } finally {
      communicator.waited(id.key(), System.nanoTime() - start);
    }
    if (failure != null) {
      throw new CollectiveException(failure.getMessage() + communicator.where(id.key()), failure);
    }
  }

  private String timedOut(Duration timeout) {
    List<String> missing = new ArrayList<>();
    synchronized (group) {
      for (int rank = 0; rank < awaited.length; rank++) {
        if (awaited[rank] || unacknowledged[rank]) {
          missing.add(rank + " at " + communicator.peer(rank));
        }
      }
    }
    return ("Timed out after %d ms in %s; look at the logs of the missing ranks, or raise the"
            + " timeout: missing=%s")
        .formatted(timeout.toMillis(), id.operation().call(), missing);
  }

  private static boolean none(boolean[] flags) {
    for (boolean flag : flags) {
      if (flag) {
        return false;
      }
    }
    return true;
  }
}
