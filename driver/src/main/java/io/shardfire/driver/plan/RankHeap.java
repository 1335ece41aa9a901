package io.shardfire.driver.plan;

import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.train.MemoryPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;

/**
 * Heap of a Java process that holds ranks. Arenas are Java arrays, so it must hold their memory
 * plans whole.
 *
 * @param bytes of the process
 * @param ranks in the process
 * @param setting what to change to give it more
 */
public record RankHeap(long bytes, int ranks, String setting) {
  private static final long MEBI = 1L << 20;

  /** Spark, the transport's messages and the garbage collector's room to work. */
  private static final long BESIDE_BYTES = 640 * MEBI;

  /** Of the plan: G1 keeps each large array in whole regions, and moves the small ones about. */
  private static final int FRAGMENTATION_PERCENT = 10;

  private static final int SMALLEST_MIB = 1024;
  private static final int GRANULE_MIB = 128;

  /** An executor's, which holds one rank; in {@code local} mode, this JVM's, which holds all. */
  static RankHeap of(Map<String, String> spark, int ranks, long ownHeap) {
    if (spark.getOrDefault("spark.master", "").matches("local(\\[.*)?")) {
      return new RankHeap(ownHeap, Math.max(1, ranks), "spark.driver.memory (or SHARDFIRE_HEAP)");
    }
    SparkConf conf = new SparkConf(false);
    spark.forEach(conf::set);
    return new RankHeap(
        conf.getSizeAsBytes("spark.executor.memory", "1g"), 1, "spark.executor.memory");
  }

  /**
   * The heap in MiB to start an executor with that will hold one of {@code ranks} ranks. The
   * smallest one where the configuration or the data do not tell: the checks before the run, which
   * need the executors, then say what is wrong with them.
   *
   * @param ownMemory whether the device will not share the heap's arrays
   */
  public static int executorMebibytes(
      PretrainConfiguration configuration, int ranks, Configuration hadoop, boolean ownMemory) {
    return memoryPlan(configuration, ranks, hadoop)
        .map(plan -> granules(needed(plan, 1, ownMemory)))
        .orElse(SMALLEST_MIB);
  }

  private static Optional<MemoryPlan> memoryPlan(
      PretrainConfiguration configuration, int ranks, Configuration hadoop) {
    List<Problem> leftToTheChecks = new ArrayList<>();
    Optional<TokenIndex> index = DataChecks.read(configuration.data(), hadoop, leftToTheChecks);
    return index
        .map(found -> DataChecks.model(configuration, found))
        .or(() -> Optional.of(configuration.model()).filter(model -> model.vocabularySize() > 0))
        .flatMap(
            model -> MemoryChecks.plan(model, configuration.training(), ranks, leftToTheChecks));
  }

  private static int granules(long bytes) {
    long whole = (mebibytes(bytes) + GRANULE_MIB - 1) / GRANULE_MIB * GRANULE_MIB;
    return Math.toIntExact(Math.max(SMALLEST_MIB, whole));
  }

  /** What one rank has to itself. */
  public long bytesPerRank() {
    return bytes / ranks;
  }

  /**
   * What it must be for ranks of this plan.
   *
   * @param ownMemory whether the device does not share the heap's arrays
   */
  public long needed(MemoryPlan plan, boolean ownMemory) {
    return needed(plan, ranks, ownMemory);
  }

  private static long needed(MemoryPlan plan, int ranks, boolean ownMemory) {
    long arrays = ranks * (plan.totalBytes() + (ownMemory ? plan.arenaBytes() : 0));
    return arrays + arrays * FRAGMENTATION_PERCENT / 100 + BESIDE_BYTES;
  }

  /** Bytes in MiB, rounded up. */
  public static long mebibytes(long bytes) {
    return (bytes + MEBI - 1) / MEBI;
  }
}
