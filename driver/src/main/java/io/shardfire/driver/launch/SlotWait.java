package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Figures;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Waits for places on executors.
 *
 * @param slots places now
 * @param change waits until places may have changed, at most as long as given
 * @param cancelled whether to stop waiting
 * @param nanoTime a clock that only runs forward
 * @param printer prints what is waited for
 * @param advice where to look for the reason
 */
record SlotWait(
    IntSupplier slots,
    Consumer<Duration> change,
    BooleanSupplier cancelled,
    LongSupplier nanoTime,
    Consumer<String> printer,
    String advice) {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  /**
   * Waits for {@code ranks} places.
   *
   * @param setting that sets the timeout
   * @return places when they are there, the time is over, or the wait was cancelled
   */
  int await(int ranks, Duration timeout, String setting) {
    WaitNotice notice = new WaitNotice(printer);
    long start = nanoTime.getAsLong();
    Duration waited = Duration.ZERO;
    int found = slots.getAsInt();
    while (found < ranks && !cancelled.getAsBoolean() && waited.compareTo(timeout) < 0) {
      change.accept(LOOK_AGAIN);
      found = slots.getAsInt();
      waited = Duration.ofNanos(nanoTime.getAsLong() - start);
      if (found < ranks) {
        int now = found;
        Duration so = waited;
        notice.after(waited, () -> text(ranks, now, so, timeout, setting));
      }
    }
    return found;
  }

  private String text(int ranks, int now, Duration waited, Duration timeout, String setting) {
    return "waiting for executors: "
        + now
        + " of "
        + ranks
        + (ranks == 1 ? " rank has" : " ranks have")
        + " a place after "
        + Figures.duration(waited)
        + "; "
        + WaitNotice.givingUp(waited, timeout, setting)
        + ". "
        + advice;
  }
}
