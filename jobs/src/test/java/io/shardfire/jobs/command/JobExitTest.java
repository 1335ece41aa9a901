package io.shardfire.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.spark.SparkUserAppException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JobExitTest {
  private final Properties system = new Properties();
  private final List<Integer> exits = new ArrayList<>();

  @Test
  void shouldExitFromAJvmOfOurOwn() {
    JobExit.with(ExitCode.USAGE, system, exits::add);

    assertEquals(List.of(ExitCode.USAGE), exits);
  }

  @ParameterizedTest
  @CsvSource({"SPARK_SUBMIT, true", "spark.yarn.app.id, application_1_0001"})
  void shouldLeaveTheExitToSparkWhereItRunsTheJob(String key, String value) {
    system.setProperty(key, value);

    SparkUserAppException told =
        assertThrows(
            SparkUserAppException.class,
            () -> JobExit.with(ExitCode.INTERRUPTED, system, exits::add));

    assertEquals(ExitCode.INTERRUPTED, told.exitCode());
    assertEquals(List.of(), exits);
  }

  @ParameterizedTest
  @CsvSource({"SPARK_SUBMIT, true", "other, x"})
  void shouldReturnAfterASuccess(String key, String value) {
    system.setProperty(key, value);

    JobExit.with(ExitCode.OK, system, exits::add);

    assertEquals(List.of(), exits);
  }
}
