package io.shardfire.driver.corpus;

/**
 * Puts the calls of the preparing thread and of Spark's listener bus in one order: one at a time,
 * and nothing about a phase that is not running. Thread-safe.
 */
final class OrderedListener implements PrepareListener {
  private final PrepareListener listener;
  private PreparePhase running;

  OrderedListener(PrepareListener listener) {
    this.listener = listener;
  }

  @Override
  public synchronized void began(PreparePhase phase, long total) {
    running = phase;
    listener.began(phase, total);
  }

  @Override
  public synchronized void advanced(PreparePhase phase, long done, long total) {
    // Spark's events can arrive after the job that they are about has ended.
    if (phase == running) {
      listener.advanced(phase, done, total);
    }
  }

  @Override
  public synchronized void finished(PreparePhase phase, double seconds) {
    running = null;
    listener.finished(phase, seconds);
  }
}
