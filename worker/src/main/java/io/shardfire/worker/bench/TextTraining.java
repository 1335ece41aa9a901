package io.shardfire.worker.bench;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.train.TrainingStep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains a model of characters on a text in this process alone, on random windows of it: whether a
 * device learns, and whether it does so to the same bits again.
 */
public final class TextTraining {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final int[] ids;
  private final ModelConfiguration model;
  private final int microBatch;

  /**
   * A GPT-2 of these sizes; its vocabulary is the text's characters.
   *
   * @param microBatch sequences per step
   * @throws IllegalArgumentException when the text is not longer than the context
   */
  public TextTraining(String text, int layers, int heads, int width, int context, int microBatch) {
    if (text.length() <= context) {
      throw new IllegalArgumentException(
          "The text must be longer than the context: characters="
              + text.length()
              + ", context="
              + context);
    }
    int[] characters = text.chars().distinct().sorted().toArray();
    int[] idOf = new int[characters[characters.length - 1] + 1];
    for (int id = 0; id < characters.length; id++) {
      idOf[characters[id]] = id;
    }
    ids = text.chars().map(character -> idOf[character]).toArray();
    model =
        ModelConfiguration.decoder(layers, heads, width, context)
            .vocabularySize(characters.length)
            .build();
    this.microBatch = microBatch;
  }

  /** What is trained. */
  public ModelConfiguration model() {
    return model;
  }

  /**
   * What a step computed and how long it took. The norm is that of the whole gradient, so equal
   * steps stand for equal parameters before them.
   */
  public record Step(double loss, double gradientNorm, long nanos) {
    /** Whether loss and norm have the same bits. */
    public boolean sameBits(Step other) {
      return Double.doubleToRawLongBits(loss) == Double.doubleToRawLongBits(other.loss)
          && Double.doubleToRawLongBits(gradientNorm)
              == Double.doubleToRawLongBits(other.gradientNorm);
    }
  }

  /** Trains from the same start so many steps. */
  public List<Step> run(ComputeContext compute, int steps) {
    List<Step> done = new ArrayList<>();
    try (Communicator alone = InProcessGroup.of(1, TIMEOUT).communicator(0);
        TrainingStep step =
            new TrainingStep(
                model,
                StepBenchmark.training(steps, microBatch),
                compute,
                alone,
                (completed, shard, pass, batch) -> load(completed, batch))) {
      for (int number = 1; number <= steps; number++) {
        long started = System.nanoTime();
        step.run(number);
        done.add(new Step(step.loss(), step.gradientNorm(), System.nanoTime() - started));
      }
    }
    return done;
  }

  private void load(long completedSteps, BatchSpans batch) {
    int context = model.context();
    for (int sequence = 0; sequence < microBatch; sequence++) {
      int window = (int) (CounterRandom.uniform(completedSteps, sequence) * (ids.length - context));
      for (int i = 0; i < context; i++) {
        batch.ids().set(sequence * context + i, ids[window + i]);
        batch.targets().set(sequence * context + i, ids[window + i + 1]);
      }
    }
  }
}
