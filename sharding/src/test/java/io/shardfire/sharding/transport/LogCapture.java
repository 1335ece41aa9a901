package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** Everything that is logged while it is open, at any level or from one on, with stack traces. */
final class LogCapture extends AbstractAppender implements AutoCloseable {
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
  private final LoggerConfig root = context.getConfiguration().getRootLogger();
  private final Level level = root.getLevel();
  private final Level lowest;

  private LogCapture(Level lowest) {
    super("capture", null, null, false, Property.EMPTY_ARRAY);
    this.lowest = lowest;
  }

  static LogCapture open() {
    return open(Level.ALL);
  }

  /** What a user sees whose logging begins at this level. */
  static LogCapture open(Level lowest) {
    LogCapture capture = new LogCapture(lowest);
    capture.start();
    capture.root.addAppender(capture, capture.lowest, null);
    capture.root.setLevel(capture.lowest);
    // Only the capture needs all levels; the console stays as it was.
    capture.root.getAppenders().values().stream()
        .filter(other -> other != capture)
        .forEach(
            other -> {
              capture.root.removeAppender(other.getName());
              capture.root.addAppender(other, capture.level, null);
            });
    capture.context.updateLoggers();
    return capture;
  }

  @Override
  public void append(LogEvent event) {
    StringWriter line = new StringWriter();
    line.append(event.getMessage().getFormattedMessage()).append('\n');
    if (event.getThrown() != null) {
      event.getThrown().printStackTrace(new PrintWriter(line, true));
    }
    synchronized (lines) {
      lines.add(line.toString());
      lines.notifyAll();
    }
  }

  /** Waits until something with this part is logged, and returns it. */
  String await(String part) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    synchronized (lines) {
      while (true) {
        for (String line : lines) {
          if (line.contains(part)) {
            return line;
          }
        }
        long left = deadline - System.nanoTime();
        assertTrue(left > 0, () -> "Not logged: " + part + " in: " + text());
        TimeUnit.NANOSECONDS.timedWait(lines, left);
      }
    }
  }

  /** What was logged, each with its stack trace. */
  List<String> entries() {
    return List.copyOf(lines);
  }

  String text() {
    return String.join("", lines);
  }

  @Override
  public void close() {
    root.removeAppender(getName());
    root.setLevel(level);
    context.updateLoggers();
    stop();
  }
}
