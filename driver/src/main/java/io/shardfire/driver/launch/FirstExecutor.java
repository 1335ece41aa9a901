package io.shardfire.driver.launch;

import io.shardfire.driver.plan.ClusterConfiguration;
import java.time.Duration;
import org.apache.spark.SparkContext;

/** The wait of a job that runs on any number of executors, for one. */
public final class FirstExecutor {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  private FirstExecutor() {}

  /**
   * Waits until a task finds a place. Under dynamic allocation there may be no executor before
   * there is a task, so that nothing is waited for.
   *
   * @throws WaitTimeoutException when none has after {@code timeout}
   * @throws PretrainingException when Spark has ended the application meanwhile
   */
  public static void await(SparkContext spark, BlockingCalls calls, Duration timeout) {
    if (spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false)) {
      return;
    }
    ExecutorWatch watch = new ExecutorWatch();
    spark.addSparkListener(watch);
    try {
      calls.run(
          "an executor. " + SparkApplication.describe(spark),
          BlockingCalls.Deadline.interrupting(timeout, ClusterConfiguration.START_TIMEOUT),
          () -> awaitPlace(spark, watch));
    } finally {
      spark.removeSparkListener(watch);
    }
  }

  private static int awaitPlace(SparkContext spark, ExecutorWatch watch) {
    int places = SparkExecutorPool.slots(spark);
    while (places == 0) {
      watch.awaitChange(LOOK_AGAIN);
      SparkApplication.requireAlive(spark);
      places = SparkExecutorPool.slots(spark);
    }
    return places;
  }
}
