package io.shardfire.jobs.session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Filter;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.filter.AbstractFilter;

/**
 * Holds back what Spark logs of failing tasks while a job works, for Spark logs each failure
 * several times and with stack traces, before the job says in one message what was wrong. Work that
 * goes well in the end, because Spark has run tasks again, {@link #release releases} it. After work
 * that fails nothing does: the exception has all of it, the job ends, and the tasks that Spark
 * stops meanwhile are no news either. What is no warning or error passes, and so does what others
 * log. Thread-safe.
 */
final class TaskFailureLog {
  /** Those that run tasks, and those that write what tasks make. */
  private static final List<String> LOGGERS =
      List.of(
          "org.apache.spark.scheduler.TaskSetManager",
          "org.apache.spark.executor.Executor",
          "org.apache.spark.sql.execution.datasources.FileFormatWriter",
          "org.apache.spark.util.Utils");

  /** More are counted by nobody: they say what the first ones say. */
  private static final int MOST_HELD = 1000;

  private final Map<LoggerConfig, Filter> filters = new LinkedHashMap<>();
  private final List<Runnable> held = new ArrayList<>();

  private TaskFailureLog() {}

  /** Begins with this JVM's log. */
  static TaskFailureLog hold() {
    return LogManager.getContext(false) instanceof LoggerContext context
        ? hold(context)
        : new TaskFailureLog();
  }

  static TaskFailureLog hold(LoggerContext context) {
    TaskFailureLog log = new TaskFailureLog();
    for (String name : LOGGERS) {
      LoggerConfig logger = SparkLog.own(context.getConfiguration(), name);
      Filter filter = log.new Holding(logger);
      logger.addFilter(filter);
      log.filters.put(logger, filter);
    }
    context.updateLoggers();
    return log;
  }

  private synchronized Filter.Result held(LoggerConfig logger, LogEvent event) {
    if (!event.getLevel().isMoreSpecificThan(Level.WARN)) {
      return Filter.Result.NEUTRAL;
    }
    if (held.size() < MOST_HELD) {
      LogEvent kept = event.toImmutable();
      held.add(() -> logger.log(kept));
    }
    return Filter.Result.DENY;
  }

  /** Logs what was held back, in its order, and holds no more. */
  void release() {
    filters.forEach(LoggerConfig::removeFilter);
    List<Runnable> late;
    synchronized (this) {
      late = List.copyOf(held);
      held.clear();
    }
    late.forEach(Runnable::run);
  }

  private final class Holding extends AbstractFilter {
    private final LoggerConfig logger;

    private Holding(LoggerConfig logger) {
      this.logger = logger;
    }

    @Override
    public Filter.Result filter(LogEvent event) {
      return held(logger, event);
    }
  }
}
