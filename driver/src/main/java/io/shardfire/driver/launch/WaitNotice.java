package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Figures;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Says what a wait waits for, once it has lasted a while and then at growing intervals. Confined to
 * the thread that waits.
 */
final class WaitNotice {
  /** Nobody wonders about a shorter wait. */
  static final Duration FIRST = Duration.ofSeconds(5);

  private final Consumer<String> printer;
  private Duration next = FIRST;

  WaitNotice(Consumer<String> printer) {
    this.printer = printer;
  }

  /**
   * Prints when it is time.
   *
   * @param waited since the wait began
   * @param text what is awaited, how much of it is there, the deadline, and what to look at
   */
  void after(Duration waited, Supplier<String> text) {
    if (waited.compareTo(next) < 0) {
      return;
    }
    printer.accept(text.get());
    while (next.compareTo(waited) <= 0) {
      next = next.multipliedBy(2);
    }
  }

  /**
   * How much time is left.
   *
   * @param setting that sets the timeout
   */
  static String givingUp(Duration waited, Duration timeout, String setting) {
    Duration left = timeout.minus(waited);
    return "giving up in "
        + Figures.duration(left.isNegative() ? Duration.ZERO : left)
        + " ("
        + setting
        + "="
        + timeout.toSeconds()
        + ")";
  }
}
