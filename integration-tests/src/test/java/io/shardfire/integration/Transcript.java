package io.shardfire.integration;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Lines of output as they come, until it ends. Thread-safe. */
final class Transcript {
  private final String source;
  private final List<String> lines = new ArrayList<>();
  private boolean ended;

  /** Of a source that failures name. */
  Transcript(String source) {
    this.source = source;
  }

  /** What is written here becomes lines. */
  PrintStream stream() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int value) {
            if (value == '\n') {
              add(line.toString(StandardCharsets.UTF_8));
              line.reset();
            } else {
              line.write(value);
            }
          }
        };
    return new PrintStream(out, true, StandardCharsets.UTF_8);
  }

  synchronized void add(String line) {
    lines.add(line);
    notifyAll();
  }

  /** No more lines come. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /**
   * Waits for a line; fails with the whole output when it ends, or the deadline passes, without it.
   */
  synchronized String await(Predicate<String> wanted) {
    long deadline = System.nanoTime() + Shardfire.DEADLINE.toNanos();
    for (int next = 0; ; ) {
      for (; next < lines.size(); next++) {
        if (wanted.test(lines.get(next))) {
          return lines.get(next);
        }
      }
      if (ended || !awaitMore(deadline)) {
        throw new AssertionError(
            "The awaited line did not appear in the output of " + source + ":\n" + this);
      }
    }
  }

  /** Waits for the end; what comes later is lost. */
  synchronized void awaitEnd(Duration longest) {
    long deadline = System.nanoTime() + longest.toNanos();
    while (!ended && awaitMore(deadline)) {}
  }

  /** Whether the deadline has not passed meanwhile. */
  private synchronized boolean awaitMore(long deadline) {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      return false;
    }
    try {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public synchronized String toString() {
    return String.join("\n", lines);
  }
}
