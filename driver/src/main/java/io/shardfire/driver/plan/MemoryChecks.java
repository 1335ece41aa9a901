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
              "Lower training.microBatch, model.context or model.width"));
      return Optional.empty();
    }
  }

  static void check(MemoryPlan plan, RankHeap heap, List<Problem> problems) {
    // More where a device has memory of its own, but that is known to the executors only.
    long needed = heap.needed(plan, false);
    if (heap.bytes() < needed) {
      problems.add(
          new Problem(
              "The ranks of a Java process need more memory than it has: ranks="
                  + heap.ranks()
                  + ", needed="
                  + RankHeap.mebibytes(needed)
                  + " MiB, heap="
                  + RankHeap.mebibytes(heap.bytes())
                  + " MiB, activations of a rank="
                  + RankHeap.mebibytes(plan.activationBytes())
                  + " MiB",
              "Raise "
                  + heap.setting()
                  + " to "
                  + RankHeap.mebibytes(needed)
                  + "m, or lower training.microBatch"));
    }
  }
}
