package io.shardfire.jobs.session;

import io.shardfire.driver.plan.ExecutorSlots;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RankHeap;
import java.util.Optional;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;

/** Makes the executors of a cluster as large as a run's plan says, where the user has not said. */
public final class ExecutorMemory {
  /** Spark's name for the heap of an executor. */
  public static final String KEY = "spark.executor.memory";

  private ExecutorMemory() {}

  /**
   * The value for {@link #KEY}; empty where it is given, where the ranks share this JVM, and where
   * neither configuration nor settings tell how many ranks there will be. It counts on devices that
   * share the heap's arrays, unless {@code gpu} was asked for; the checks in the executors tell
   * whether more is needed.
   *
   * @param settings of the session, {@code spark.master} among them
   */
  public static Optional<String> planned(
      SortedMap<String, String> settings, PretrainConfiguration asked, Configuration hadoop) {
    if (settings.containsKey(KEY) || settings.get("spark.master").startsWith("local")) {
      return Optional.empty();
    }
    int ranks =
        asked.cluster().ranks() > 0
            ? asked.cluster().ranks()
            : ExecutorSlots.promised(settings).orElse(0);
    if (ranks == 0) {
      return Optional.empty();
    }
    boolean ownMemory = asked.device().equals("gpu");
    return Optional.of(RankHeap.executorMebibytes(asked, ranks, hadoop, ownMemory) + "m");
  }
}
