package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.recovery.ExecutorPool;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkContext;

/** The places that Spark's executors have for barrier tasks. */
final class SparkExecutorPool implements ExecutorPool {
  private final SparkContext spark;
  private final BooleanSupplier cancelled;
  private final String setting;
  private final SlotWait wait;

  /**
   * @param setting by which users set the timeout of the waits
   */
  SparkExecutorPool(
      SparkContext spark,
      ExecutorWatch watch,
      BooleanSupplier cancelled,
      Console console,
      String setting) {
    this.spark = spark;
    this.cancelled = cancelled;
    this.setting = setting;
    this.wait =
        new SlotWait(
            () -> slots(spark),
            watch::awaitChange,
            () -> cancelled.getAsBoolean() || spark.isStopped(),
            System::nanoTime,
            console::print,
            SparkApplication.describe(spark));
  }

  /** Whether the run was stopped. */
  boolean cancelled() {
    return cancelled.getAsBoolean();
  }

  /** Tasks that fit at once on the executors that Spark knows now. */
  static int slots(SparkContext spark) {
    return spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile());
  }

  /**
   * {@inheritDoc}
   *
   * @throws PretrainingException when Spark has ended the application meanwhile
   */
  @Override
  public int awaitSlots(int ranks, Duration timeout) {
    int slots = wait.await(ranks, timeout, setting);
    if (!cancelled()) {
      SparkApplication.requireAlive(spark);
    }
    return slots;
  }
}
