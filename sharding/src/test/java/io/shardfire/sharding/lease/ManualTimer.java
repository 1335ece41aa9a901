package io.shardfire.sharding.lease;

import java.time.Duration;

/** Runs the renewal when a test says so. */
final class ManualTimer implements LeaseTimer {
  private final Runnable settle;
  private Runnable task = () -> {};
  boolean closed;
  int settled;

  ManualTimer() {
    this(() -> {});
  }

  ManualTimer(Runnable settle) {
    this.settle = settle;
  }

  /** The interval is over. */
  void tick() {
    if (!closed) {
      task.run();
    }
  }

  @Override
  public void every(Duration interval, Runnable repeated) {
    task = repeated;
  }

  @Override
  public void settle(Duration time) {
    settled++;
    settle.run();
  }

  @Override
  public void close() {
    closed = true;
  }
}
