package io.shardfire.jobs.session;

import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** Keeps the texts of what is logged. */
final class RecordedLog extends AbstractAppender {
  private final List<String> printed;

  private RecordedLog(List<String> printed) {
    super("recorder", null, null, false, Property.EMPTY_ARRAY);
    this.printed = printed;
  }

  /** Starts a context whose log, everything of level INFO, is kept. */
  static void start(
      LoggerContext context, DefaultConfiguration configuration, List<String> printed) {
    RecordedLog recorder = new RecordedLog(printed);
    recorder.start();
    LoggerConfig root = configuration.getRootLogger();
    root.getAppenders().keySet().stream().toList().forEach(root::removeAppender);
    root.addAppender(recorder, null, null);
    root.setLevel(Level.INFO);
    context.start(configuration);
  }

  @Override
  public void append(LogEvent event) {
    printed.add(event.getMessage().getFormattedMessage());
  }
}
