package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SparkLogTest {
  private final List<String> printed = new ArrayList<>();
  private final LoggerContext context = new LoggerContext("spark-log-test");
  private final DefaultConfiguration configuration = new DefaultConfiguration();

  /** The log as spark-submit sets it up: everything of level INFO. */
  @BeforeEach
  void logEverything() {
    RecordedLog.start(context, configuration, printed);
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @ParameterizedTest
  @CsvSource({
    "org.apache.spark.scheduler.TaskSchedulerImpl, none",
    "org.apache.spark.scheduler.cluster.YarnScheduler, none",
    "org.apache.spark.scheduler.cluster.YarnClusterScheduler, none",
    "org.apache.spark.scheduler.cluster.YarnScheduler, org.apache.spark.scheduler",
    "org.apache.spark.scheduler.cluster.YarnScheduler, org.apache.spark"
  })
  void shouldSayOnceWhatABarrierStageLacks(String name, String configuredByTheUser) {
    configuration.addLogger(
        configuredByTheUser, new LoggerConfig(configuredByTheUser, Level.INFO, true));
    context.updateLoggers();
    SparkLog.sayOnce(context);
    Logger scheduler = context.getLogger(name);

    for (int second = 0; second < 3; second++) {
      scheduler.info(offer(7, 0));
      scheduler.info("Removed TaskSet 6.0");
      scheduler.debug("not even printed");
      context.getLogger("another").info(offer(7, 0));
    }
    scheduler.info(offer(8, 0));
    // Spark looks at the stages and slots in turn, and comes back to those it has named.
    scheduler.info(offer(7, 0));

    assertEquals(
        List.of(
            offer(7, 0),
            "Removed TaskSet 6.0",
            offer(7, 0),
            "Removed TaskSet 6.0",
            offer(7, 0),
            "Removed TaskSet 6.0",
            offer(7, 0),
            offer(8, 0)),
        printed);
  }

  private static String offer(int stage, int slots) {
    return "Skip current round of resource offers for barrier stage "
        + stage
        + " because the barrier taskSet requires 2 slots, while the total number of available slots"
        + " is "
        + slots
        + ".";
  }
}
