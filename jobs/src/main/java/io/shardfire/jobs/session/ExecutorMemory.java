package io.shardfire.jobs.session;

import io.shardfire.driver.plan.ExecutorSlots;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RankHeap;
import io.shardfire.sharding.transport.NetworkConfiguration;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/** Makes the executors of a cluster as large as a run's plan says, where the user has not said. */
public final class ExecutorMemory {
  /** Spark's name for the heap of an executor. */
  public static final String HEAP = "spark.executor.memory";

  /** What a container has beside the heap, before the cluster manager ends it. */
  public static final String OVERHEAD = "spark.executor.memoryOverhead";

  private static final String GPUS = "spark.executor.resource.gpu.amount";

  /** Code, threads, and LLVM while it compiles kernels; without that, half of it was seen. */
  private static final int BESIDE_MIB = 512;

  /** Of the heap, for the collector's tables: Spark's own share. */
  private static final int HEAP_PERCENT = 10;

  private ExecutorMemory() {}

  /**
   * Values for {@link #HEAP} and {@link #OVERHEAD}; none where the heap is given, where the ranks
   * share this JVM, and where neither configuration nor settings tell how many ranks there will be.
   * They count on devices that share the heap's arrays, unless GPUs were asked for; the checks in
   * the executors tell whether more is needed.
   *
   * @param settings of the session, {@code spark.master} among them
   */
  public static SortedMap<String, String> planned(
      SortedMap<String, String> settings, PretrainConfiguration asked, Configuration hadoop) {
    SortedMap<String, String> planned = new TreeMap<>();
    int ranks =
        asked.cluster().ranks() > 0
            ? asked.cluster().ranks()
            : ExecutorSlots.promised(settings).orElse(0);
    if (settings.containsKey(HEAP)
        || settings.get("spark.master").startsWith("local")
        || ranks == 0) {
      return planned;
    }
    boolean ownMemory = asked.device().equals("gpu") || settings.containsKey(GPUS);
    int heap = RankHeap.executorMebibytes(asked, ranks, hadoop, ownMemory);
    planned.put(HEAP, heap + "m");
    if (settings.keySet().stream().noneMatch(ExecutorMemory::setsOverhead)) {
      planned.put(OVERHEAD, overhead(heap, ranks, asked.cluster().chunkBytes()) + "m");
    }
    return planned;
  }

  /** By a size or by a share of the heap, of any cluster manager. */
  private static boolean setsOverhead(String key) {
    return key.equals(OVERHEAD) || key.endsWith("emoryOverheadFactor");
  }

  /** In MiB. */
  private static long overhead(int heap, int ranks, int chunkBytes) {
    long buffers = NetworkConfiguration.directBytes(chunkBytes, ranks - 1);
    return BESIDE_MIB + (long) heap * HEAP_PERCENT / 100 + RankHeap.mebibytes(buffers);
  }
}
