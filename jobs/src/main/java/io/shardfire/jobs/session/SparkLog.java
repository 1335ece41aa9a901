package io.shardfire.jobs.session;

import java.util.HashSet;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Filter;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.filter.AbstractFilter;

/**
 * Keeps Spark from repeating itself in the driver's log, also where the log is configured by others
 * than us: spark-submit's own defaults print all that Spark says.
 *
 * <p>While a barrier stage runs, Spark offers it the occupied executors once a second, and logs
 * each time that it lacks slots. That is said once; all else is left to the configuration of the
 * log.
 */
final class SparkLog {
  /** The line bears the name of the cluster manager's scheduler, such as cluster.YarnScheduler. */
  private static final String SCHEDULERS = "org.apache.spark.scheduler";

  private static final String OFFER = "Skip current round of resource offers for barrier stage";

  private SparkLog() {}

  /** Filters the log of this JVM, once Spark has configured it. */
  static void sayOnce() {
    if (LogManager.getContext(false) instanceof LoggerContext context) {
      sayOnce(context);
    }
  }

  static void sayOnce(LoggerContext context) {
    own(context.getConfiguration(), SCHEDULERS).addFilter(new OnceFilter());
    context.updateLoggers();
  }

  /**
   * The configuration of exactly this name, for filters. Whoever adds it updates the loggers of the
   * context.
   */
  static LoggerConfig own(Configuration configuration, String name) {
    LoggerConfig logger = configuration.getLoggerConfig(name);
    if (!logger.getName().equals(name)) {
      // Without a level and appenders of its own it has those of the one that served so far.
      logger = LoggerConfig.newBuilder().withLoggerName(name).withConfig(configuration).build();
      configuration.addLogger(name, logger);
    }
    return logger;
  }

  /** Lets each offer pass once: of each stage, and each number of slots that it lacks. */
  private static final class OnceFilter extends AbstractFilter {
    private static final int MOST_KEPT = 1000;

    private final Set<String> said = new HashSet<>();

    @Override
    public synchronized Filter.Result filter(LogEvent event) {
      String text = event.getMessage().getFormattedMessage();
      if (!text.startsWith(OFFER)) {
        return Filter.Result.NEUTRAL;
      }
      if (said.size() == MOST_KEPT) {
        said.clear();
      }
      return said.add(text) ? Filter.Result.NEUTRAL : Filter.Result.DENY;
    }
  }
}
