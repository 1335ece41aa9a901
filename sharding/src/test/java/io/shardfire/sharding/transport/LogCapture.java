package io.shardfire.sharding.transport;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** Everything that is logged at any level while it is open, stack traces included. */
final class LogCapture extends AbstractAppender implements AutoCloseable {
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
  private final LoggerConfig root = context.getConfiguration().getRootLogger();
  private final Level level = root.getLevel();

  LogCapture() {
    super("capture", null, null, false, Property.EMPTY_ARRAY);
  }

  static LogCapture open() {
    LogCapture capture = new LogCapture();
    capture.start();
    capture.root.addAppender(capture, Level.ALL, null);
    capture.root.setLevel(Level.ALL);
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
    lines.add(line.toString());
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
