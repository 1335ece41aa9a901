package io.shardfire.jobs.session;

import java.util.List;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;

/** Keeps the texts of what is logged. */
final class RecordedLog extends AbstractAppender {
  private final List<String> printed;

  RecordedLog(List<String> printed) {
    super("recorder", null, null, false, Property.EMPTY_ARRAY);
    this.printed = printed;
  }

  @Override
  public void append(LogEvent event) {
    printed.add(event.getMessage().getFormattedMessage());
  }
}
