package io.shardfire.driver.plan;

import io.shardfire.kernels.device.ComputeException;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.MemoryPlan;
import io.shardfire.worker.train.TrainingConfiguration;
import java.util.List;
import java.util.Optional;

/** The model against the memory of a rank. */
final class MemoryChecks {
  private MemoryChecks() {}

  /**
   * What one rank's arenas take; a problem is added when there can be no such arenas.
   *
   * @param model its vocabulary size known
   */
  static Optional<MemoryPlan> plan(
      ModelConfiguration model, TrainingConfiguration training, int ranks, List<Problem> problems) {
    try {
      return Optional.of(MemoryPlan.of(model, training, ranks));
    } catch (IllegalArgumentException | ArithmeticException | ComputeException e) {
      problems.add(
          new Problem(
              "The model does not fit into a rank's arenas: " + e.getMessage(),
              "Lower training.microBatch, model.context or model.width, set training.recompute=true or"
                  + " training.activations=bf16, or give a rank fewer logical shards: more ranks, or a"
                  + " lower training.logicalShards and a higher"
                  + " training.accumulation"));
      return Optional.empty();
    }
  }

  /** The heap that the settings promise. */
  static void check(MemoryPlan plan, RankHeap heap, List<Problem> problems) {
    // More where a device has memory of its own, but that is known to the executors only.
    long needed = heap.needed(plan, false);
    if (heap.bytes() < needed) {
      problems.add(
          new Problem(
              "The ranks of a Java process need more memory than it has: ranks="
                  + heap.ranks()
                  + figures(plan, needed, heap.bytes()),
              remedy(heap.setting(), plan, needed)));
    }
  }

  /**
   * The heap that a process reports.
   *
   * @param ranks reports of the ranks that it got
   */
  static void process(RunPlan run, List<ExecutorReport> ranks, List<Problem> problems) {
    ExecutorReport report = ranks.get(0);
    boolean ownMemory = report.compute().ownMemory();
    RankHeap heap = new RankHeap(report.heapBytes(), ranks.size(), run.heap().setting());
    long needed = heap.needed(run.memory(), ownMemory);
    boolean promised = run.heap().bytes() >= run.heap().needed(run.memory(), false);
    // What the settings already lack has been said once, for all executors.
    if (heap.bytes() < needed && (promised || ownMemory)) {
      problems.add(
          new Problem(
              "An executor has too little memory for its ranks: executor="
                  + report.executorId()
                  + ", host="
                  + report.host()
                  + ", ranks="
                  + ranks.size()
                  + figures(run.memory(), needed, heap.bytes())
                  + (ownMemory
                      ? "; the device has memory of its own, and the heap holds its side of the"
                          + " arrays too: device="
                          + report.compute().device()
                      : ""),
              remedy(heap.setting(), run.memory(), needed)));
    }
  }

  private static String figures(MemoryPlan plan, long needed, long heap) {
    return ", needed="
        + RankHeap.mebibytes(needed)
        + " MiB, heap="
        + RankHeap.mebibytes(heap)
        + " MiB, activations of a rank="
        + RankHeap.mebibytes(plan.activationBytes())
        + " MiB, gradients="
        + RankHeap.mebibytes(plan.gradientBytes() + plan.receiveBytes())
        + " MiB";
  }

  private static String remedy(String setting, MemoryPlan plan, long needed) {
    return "Raise "
        + setting
        + " to "
        + RankHeap.mebibytes(needed)
        + "m, lower training.microBatch, or set training.recompute=true"
        + (plan.packedWeightBytes() > 0
            ? ", training.packedWeights=false, which saves "
                + RankHeap.mebibytes(plan.packedWeightBytes())
                + " MiB,"
            : "")
        + " or training.activations=bf16";
  }
}
