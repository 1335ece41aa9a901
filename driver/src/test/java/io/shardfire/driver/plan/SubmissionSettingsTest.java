package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.sharding.lease.Submission;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SubmissionSettingsTest {
  @Test
  void shouldTakeTheIdOfTheUserFirst() {
    assertEquals(
        new Submission("nightly", false),
        SubmissionSettings.of(
            Map.of("spark.shardfire.submissionId", " nightly ", "spark.yarn.app.id", "app")));
  }

  @Test
  void shouldTakeTheApplicationWhereTheClusterManagerRunsTheDriver() {
    assertEquals(
        new Submission("application_1_0001", true),
        SubmissionSettings.of(Map.of("spark.yarn.app.id", "application_1_0001")));
    assertEquals(
        new Submission("spark-7", true),
        SubmissionSettings.of(
            Map.of("spark.kubernetes.submitInDriver", "true", "spark.app.id", "spark-7")));
  }

  /** Every start in client mode has a new id. */
  @Test
  void shouldKnowNoneElsewhere() {
    assertEquals(Submission.NONE, SubmissionSettings.of(Map.of("spark.app.id", "local-1")));
    assertEquals(
        Submission.NONE, SubmissionSettings.of(Map.of("spark.shardfire.submissionId", " ")));
  }
}
