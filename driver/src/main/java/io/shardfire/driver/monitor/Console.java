package io.shardfire.driver.monitor;

import java.io.PrintStream;
import java.time.Clock;

/** What people read while a run trains. Thread-safe. */
public final class Console {
  private Console() {}

  /** A console on a stream; the clock measures the intervals between plain lines. */
  public static Console on(PrintStream out, Terminal terminal, Clock clock) {
    throw new UnsupportedOperationException("skeleton");
  }
}
