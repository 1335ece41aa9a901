package io.shardfire.driver.launch;

import io.shardfire.driver.report.RankReport;

/**
 * Ends the task of a rank that has reported its failure. Spark logs what a task throws, on the
 * executor and again on the driver; the driver says all there is to say by itself, so that this has
 * no stack trace.
 */
final class RankEndedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RankEndedException(int rank, RankReport.Failed reported) {
    super(
        "Rank "
            + rank
            + " has told the driver why it ends: "
            + reported.message().lines().findFirst().orElse(""),
        null,
        true,
        false);
  }
}
