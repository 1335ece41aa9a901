package io.shardfire.driver.plan;

import io.shardfire.worker.train.MemoryPlan;
import java.util.Map;
import org.apache.spark.SparkConf;

/**
 * Heap of a rank. Arenas are Java arrays, so the heap must hold all of the memory plan.
 *
 * @param bytes what one rank has to itself
 * @param setting what to change to give it more
 */
record RankHeap(long bytes, String setting) {
  /** Spark, the transport's buffers, the token data and the garbage collector's room to work. */
  private static final long BESIDE_BYTES = 384L << 20;

  /** Of the executor; in {@code local} mode, the ranks' part of this JVM's heap. */
  static RankHeap of(Map<String, String> spark, int ranks, long ownHeap) {
    if (spark.getOrDefault("spark.master", "").matches("local(\\[.*)?")) {
      return new RankHeap(ownHeap / Math.max(1, ranks), "spark.driver.memory (or SHARDFIRE_HEAP)");
    }
    SparkConf conf = new SparkConf(false);
    spark.forEach(conf::set);
    return new RankHeap(
        conf.getSizeAsBytes("spark.executor.memory", "1g"), "spark.executor.memory");
  }

  /** What the plan needs: G1 keeps each large array in whole regions, which costs a few percent. */
  static long needed(MemoryPlan plan) {
    return plan.totalBytes() + plan.totalBytes() / 20 + BESIDE_BYTES;
  }
}
