package io.shardfire.driver.monitor;

import java.io.PrintStream;
import java.time.Clock;

/**
 * Lines of text, and below them, on a terminal, one line that is rewritten in place. Thread-safe.
 */
public final class Console {
  /** Back to the first column, and erase to the end of the line (ECMA-48). */
  private static final String ERASE = "\r\u001b[K";

  private final PrintStream out;
  private final Terminal terminal;
  private final Clock clock;
  private String status = "";

  private Console(PrintStream out, Terminal terminal, Clock clock) {
    this.out = out;
    this.terminal = terminal;
    this.clock = clock;
  }

  /** A console on a stream, which it does not close; the clock paces and times what is shown. */
  public static Console on(PrintStream out, Terminal terminal, Clock clock) {
    return new Console(out, terminal, clock);
  }

  /** The time of whoever watches. */
  public Clock clock() {
    return clock;
  }

  /** What the output can do. */
  public Terminal terminal() {
    return terminal;
  }

  /** Prints text of one or more lines. */
  public synchronized void print(String text) {
    if (!status.isEmpty()) {
      out.print(ERASE);
    }
    out.println(text);
    out.print(status);
    out.flush();
  }

  /**
   * Rewrites the status line, cut to the terminal's width; an empty one removes it. Does nothing
   * when the output is not a terminal.
   */
  public synchronized void status(String line) {
    if (!terminal.interactive() || (line.isEmpty() && status.isEmpty())) {
      return;
    }
    // A line that fills the last column would wrap on some terminals, and could not be erased.
    status = line.substring(0, Math.min(line.length(), terminal.columns() - 1));
    out.print(ERASE + status);
    out.flush();
  }
}
