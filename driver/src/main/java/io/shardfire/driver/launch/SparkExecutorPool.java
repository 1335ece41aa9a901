package io.shardfire.driver.launch;

import io.shardfire.driver.recovery.ExecutorPool;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkContext;

/** The places that Spark's executors have for barrier tasks. */
final class SparkExecutorPool implements ExecutorPool {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  private final SparkContext spark;
  private final ExecutorWatch watch;
  private final BooleanSupplier cancelled;

  SparkExecutorPool(SparkContext spark, ExecutorWatch watch, BooleanSupplier cancelled) {
    this.spark = spark;
    this.watch = watch;
    this.cancelled = cancelled;
  }

  /** Whether the run was stopped. */
  boolean cancelled() {
    return cancelled.getAsBoolean();
  }

  /** Tasks that fit at once on the executors that Spark knows now. */
  int slots() {
    return spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile());
  }

  @Override
  public int awaitSlots(int ranks, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    int slots = slots();
    while (slots < ranks && !cancelled.getAsBoolean() && System.nanoTime() < deadline) {
      watch.awaitChange(LOOK_AGAIN);
      slots = slots();
    }
    return slots;
  }
}
