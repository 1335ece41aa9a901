package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TaskFailureLogTest {
  private static final String TASKS = "org.apache.spark.scheduler.TaskSetManager";
  private static final String WRITER =
      "org.apache.spark.sql.execution.datasources.FileFormatWriter";

  private final List<String> printed = new ArrayList<>();
  private final LoggerContext context = new LoggerContext("task-failure-log-test");
  private final DefaultConfiguration configuration = new DefaultConfiguration();

  @BeforeEach
  void logEverything() {
    RecordedLog.start(context, configuration, printed);
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  private void log(String name, Level level, String text) {
    context.getLogger(name).log(level, text, new IllegalStateException(text));
  }

  /** Whichever of the loggers the user's configuration knows already. */
  @ParameterizedTest
  @ValueSource(strings = {"none", "org.apache.spark", TASKS, WRITER})
  void shouldHoldBackFailuresUntilTheWorkHasGoneWell(String configured) {
    configuration.addLogger(configured, new LoggerConfig(configured, Level.INFO, true));
    context.updateLoggers();
    TaskFailureLog log = TaskFailureLog.hold(context);

    log(TASKS, Level.INFO, "Starting task 0");
    log(TASKS, Level.WARN, "Lost task 0");
    log(WRITER, Level.ERROR, "Aborting job");
    log("org.apache.spark.util.Utils", Level.ERROR, "Aborting task");
    log("org.apache.spark.executor.Executor", Level.ERROR, "Exception in task");
    log("org.apache.spark.scheduler.TaskSchedulerImpl", Level.ERROR, "Lost executor 1");
    assertEquals(List.of("Starting task 0", "Lost executor 1"), printed);

    log.release();
    log(TASKS, Level.WARN, "Lost task 5");
    assertEquals(
        List.of(
            "Starting task 0",
            "Lost executor 1",
            "Lost task 0",
            "Aborting job",
            "Aborting task",
            "Exception in task",
            "Lost task 5"),
        printed);
  }
}
