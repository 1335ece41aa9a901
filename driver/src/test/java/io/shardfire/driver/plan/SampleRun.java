package io.shardfire.driver.plan;

import io.shardfire.kernels.ops.Precision;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.MemoryPlan;
import io.shardfire.worker.train.TrainingConfiguration;
import java.util.ArrayList;
import java.util.Optional;

/** A planned run and its executors' reports, for tests. */
public final class SampleRun {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(4, 4, 512, 128).vocabularySize(5003).build();

  private static final TrainingConfiguration TRAINING =
      TrainingConfiguration.standard()
          .steps(100)
          .microBatch(2)
          .logicalShards(8)
          .seed(1)
          .learningRate(1e-3f)
          .minimumLearningRate(1e-4f)
          .warmupSteps(10)
          .evaluateEvery(50)
          .evaluationBatches(2)
          .checkpointEvery(50)
          .build();

  private SampleRun() {}

  /** On so many ranks of eight logical shards, each alone in its executor. */
  public static RunPlan plan(int ranks, long heapBytes) {
    return plan(ranks, heapBytes, TRAINING);
  }

  /** As above, with products in a precision and weights packed once a step where they can be. */
  public static RunPlan plan(int ranks, long heapBytes, Precision precision) {
    return plan(ranks, heapBytes, TRAINING.with().precision(precision).packedWeights(true).build());
  }

  private static RunPlan plan(int ranks, long heapBytes, TrainingConfiguration training) {
    return new RunPlan(
        new RankPlan(ranks, 8),
        MODEL,
        training,
        Optional.of(new RunPlan.Corpus("bpe", 1000, 500, 10)),
        MemoryPlan.of(MODEL, training, ranks),
        new RankHeap(heapBytes, 1, "spark.executor.memory"));
  }

  /** An executor on a host of its own. */
  public static ExecutorReport executor(String id, long heapBytes, ComputeIdentity compute) {
    return new ExecutorReport("h" + id, id, 100, heapBytes, 1, compute, new ArrayList<>());
  }

  /** A processor of 8 lanes whose results have this fingerprint. */
  public static ComputeIdentity computing(String fingerprint) {
    return new ComputeIdentity(
        "cpu-a",
        "PoCL 3.1",
        false,
        "cpu",
        8,
        "tiles",
        "shipped defaults",
        "avx2 fma",
        "17",
        "1",
        fingerprint);
  }
}
