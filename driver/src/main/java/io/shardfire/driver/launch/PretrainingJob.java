package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.plan.PretrainConfiguration;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/** One pre-training run, from the checks to the final checkpoint. */
public final class PretrainingJob {
  private PretrainingJob() {}

  /** Prepares; starts nothing. */
  public static PretrainingJob create(
      JavaSparkContext spark, PretrainConfiguration configuration, Console console) {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * Checks, trains and recovers until the last step. Empty after a dry run. Called once.
   *
   * @throws io.shardfire.driver.plan.PreflightException listing every problem found before the
   *     start
   * @throws PretrainingException naming the root cause, when the run has failed for good
   * @throws PretrainingCancelledException after {@link #cancel()}
   */
  public Optional<PretrainingResult> run() {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * Stops the run: cancels its Spark job and keeps all committed checkpoints. Returns at once; any
   * thread may call it, also before or after the run.
   */
  public void cancel() {
    throw new UnsupportedOperationException("skeleton");
  }
}
