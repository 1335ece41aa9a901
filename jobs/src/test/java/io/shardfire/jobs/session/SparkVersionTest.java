package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.jobs.command.CommandException;
import io.shardfire.jobs.command.Versions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparkVersionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"3.5.0", "3.5.4-amzn-0", "4.0.0.7.3.1", "4.1.1", "4.2.0-SNAPSHOT", "4.3.0", "4.3"})
  void shouldRunOnReleasesThatWereTried(String version) {
    assertEquals(Optional.empty(), new SparkVersion(version).check());
  }

  @Test
  void shouldRunOnTheReleaseOfThisBuild() {
    assertEquals(Optional.empty(), new SparkVersion(Versions.spark()).check());
  }

  @ParameterizedTest
  @ValueSource(strings = {"4.4.0", "4.30.0"})
  void shouldWarnOfNewerMinorReleases(String version) {
    assertEquals(
        Optional.of(
            "This Spark is newer than those that Shardfire was tried on: version="
                + version
                + " tried=3.5, 4.0, 4.1, 4.2, 4.3"),
        new SparkVersion(version).check());
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.4.4", "3.50.0", "5.0.0", "unknown", ""})
  void shouldRefuseOthers(String version) {
    SparkVersion spark = new SparkVersion(version);

    assertEquals(
        "Shardfire does not run on this Spark: version="
            + version
            + " supported=3.5, 4.0, 4.1, 4.2, 4.3; submit with one of these",
        assertThrows(CommandException.class, spark::check).getMessage());
  }
}
