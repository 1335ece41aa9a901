package io.shardfire.driver.plan;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.objective.ObjectiveKind;
import io.shardfire.worker.objective.Packing;
import io.shardfire.worker.train.MemoryPlan;
import io.shardfire.worker.train.TrainingConfiguration;
import io.shardfire.worker.train.TrainingConfiguration.DecayShape;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;
import java.util.ArrayList;

/** A planned run and its executors' reports, for tests. */
public final class SampleRun {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(4, 4, 512, 128).vocabularySize(5003).build();

  private static final TrainingConfiguration TRAINING =
      new TrainingConfiguration(
          100,
          2,
          1,
          8,
          1,
          1,
          ScheduleKind.COSINE,
          1e-3f,
          1e-4f,
          10,
          0,
          DecayShape.LINEAR,
          0.1f,
          OptimizerKind.ADAMW,
          0.9f,
          0.95f,
          1e-8f,
          0.9f,
          false,
          false,
          0.1f,
          1,
          50,
          2,
          50,
          2,
          false,
          ObjectiveKind.AUTO,
          Packing.AUTO,
          0.15f,
          3,
          false,
          false);

  private SampleRun() {}

  /** On so many ranks of eight logical shards, each alone in its executor. */
  public static RunPlan plan(int ranks, long heapBytes) {
    return new RunPlan(
        new RankPlan(ranks, 8),
        MODEL,
        TRAINING,
        "bpe",
        1000,
        500,
        10,
        MemoryPlan.of(MODEL, TRAINING, ranks),
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
        "shipped defaults",
        "avx2 fma",
        "17",
        "1",
        fingerprint);
  }
}
