package io.shardfire.worker.train;

import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.objective.Objective;
import java.util.function.Supplier;

/**
 * Training micro-batches of a prepared corpus. The weights of a step's rows add up to its tokens,
 * over the global batch: every rank adds up what all sequences of the step count, which follows
 * from their lengths, and scales its own by that. Not thread-safe.
 */
final class DatasetBatches implements BatchSource {
  private final Supplier<Objective> opening;
  private final BatchShape shape;
  private long scaledStep = -1;
  private double scale = 1;
  private Objective objective;

  /**
   * @param objective asked for with the first batch: a run that is refused because its checkpoint
   *     is another run's says so, not what its corpus lacks
   */
  DatasetBatches(Supplier<Objective> objective, BatchShape shape) {
    this.opening = objective;
    this.shape = shape;
  }

  @Override
  public void load(long completedSteps, int shard, int pass, BatchSpans batch) {
    if (objective == null) {
      objective = opening.get();
    }
    if (batch.form().weighted() && completedSteps != scaledStep) {
      scale = scale(completedSteps);
      scaledStep = completedSteps;
    }
    long first = shape.firstSequence(completedSteps, shard, pass);
    for (int row = 0; row < shape.microBatch(); row++) {
      objective.write(first + row, row, scale, batch);
    }
  }

  private double scale(long completedSteps) {
    long first = shape.firstSequence(completedSteps, 0, 0);
    double weight = 0;
    for (long sequence = first; sequence < first + shape.sequencesPerStep(); sequence++) {
      weight += objective.weight(sequence);
    }
    if (!(weight > 0)) {
      throw new TrainingException(
          "Nothing is to be predicted in any sequence of a step; prepare longer documents, or raise"
              + " training.microBatch or training.accumulation: step="
              + (completedSteps + 1)
              + ", sequences="
              + shape.sequencesPerStep());
    }
    return shape.tokensPerStep() / weight;
  }
}
