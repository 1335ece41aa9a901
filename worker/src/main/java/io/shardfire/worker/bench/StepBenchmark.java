package io.shardfire.worker.bench;

import io.shardfire.kernels.bench.LaunchOverhead;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.train.TrainingConfiguration;
import io.shardfire.worker.train.TrainingStep;
import java.time.Duration;
import java.util.Arrays;

/**
 * Times whole training steps of one rank: forward, backward, gradient norm and AdamW, on random
 * tokens.
 *
 * @param model its vocabulary size known
 * @param microBatch sequences per pass
 * @param accumulation passes per step
 * @param precision of the operands of products
 * @param activations how they are kept for the backward pass
 * @param parameters how they are kept for passes
 * @param packedWeights whether those that products in bf16 read are packed once for all passes of a
 *     step
 */
public record StepBenchmark(
    ComputeContext compute,
    ModelConfiguration model,
    int microBatch,
    int accumulation,
    Precision precision,
    ActivationFormat activations,
    ParameterFormat parameters,
    boolean packedWeights) {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final int LAUNCHES = 101;

  /**
   * The steps timed.
   *
   * @param bestTokensPerSecond of the fastest step
   * @param medianTokensPerSecond of the median step
   * @param medianSeconds of the median step
   * @param launchesPerStep command buffers run per step
   * @param phasesPerStep their phases
   * @param deviceSeconds of one more step: where the device has memory of its own what it works, by
   *     its own clock; else the whole step
   * @param overhead what launches and phases cost apart from their work
   * @param loss after the last step
   */
  public record Result(
      int steps,
      double bestTokensPerSecond,
      double medianTokensPerSecond,
      double medianSeconds,
      double launchesPerStep,
      double phasesPerStep,
      double deviceSeconds,
      LaunchOverhead overhead,
      double loss) {
    /** Share of the median step that is spent on launches and phases instead of their work. */
    public double overheadShare() {
      return overhead.seconds(launchesPerStep, phasesPerStep) / medianSeconds;
    }
  }

  /**
   * Times steps.
   *
   * @param warmup steps before those timed
   * @param steps steps timed, at least 1
   */
  public Result run(int warmup, int steps) {
    if (steps < 1 || warmup < 0) {
      throw new IllegalArgumentException(
          "At least one step must be timed: steps=" + steps + ", warmup=" + warmup);
    }
    try (Communicator alone = InProcessGroup.of(1, TIMEOUT).communicator(0);
        TrainingStep step = step(warmup + steps + 1, alone)) {
      long[] nanos = new long[steps];
      ComputeContext.Launches before = compute.launches();
      for (int number = 1; number <= warmup + steps; number++) {
        if (number == warmup + 1) {
          before = compute.launches();
        }
        long started = System.nanoTime();
        step.run(number);
        if (number > warmup) {
          nanos[number - warmup - 1] = System.nanoTime() - started;
        }
      }
      ComputeContext.Launches after = compute.launches();
      Arrays.sort(nanos);
      double tokens = step.tokensPerStep() * 1e9;
      return new Result(
          steps,
          tokens / nanos[0],
          tokens / nanos[steps / 2],
          nanos[steps / 2] * 1e-9,
          (double) (after.launches() - before.launches()) / steps,
          (double) (after.phases() - before.phases()) / steps,
          compute.nanosOf(() -> step.run(warmup + steps + 1)) * 1e-9,
          LaunchOverhead.measure(compute, LAUNCHES),
          step.loss());
    }
  }

  /**
   * Tells what each operation takes.
   *
   * @param warmup steps before those looked at
   * @param steps steps looked at, at least 1
   */
  public StepProfile profile(int warmup, int steps) {
    try (Communicator alone = InProcessGroup.of(1, TIMEOUT).communicator(0);
        TrainingStep step = step(warmup + steps, alone)) {
      for (int number = 1; number <= warmup; number++) {
        step.run(number);
      }
      return StepProfile.of(compute, steps, profiled -> step.run(warmup + profiled));
    }
  }

  private TrainingStep step(int steps, Communicator alone) {
    int rows = microBatch * model.context();
    return new TrainingStep(
        model,
        training(steps, microBatch)
            .with()
            .accumulation(accumulation)
            .precision(precision)
            .activations(activations)
            .parameters(parameters)
            .packedWeights(packedWeights)
            .build(),
        compute,
        alone,
        (completed, shard, pass, batch) -> {
          for (int row = 0; row < rows; row++) {
            batch.ids().set(row, token(completed, 2L * row));
            batch.targets().set(row, token(completed, 2L * row + 1));
          }
        });
  }

  private int token(long completedSteps, long index) {
    return (int) (CounterRandom.uniform(completedSteps, index) * model.vocabularySize());
  }

  /** AdamW at 1e-3 from the first step on, one logical shard, gradients clipped at norm 1. */
  static TrainingConfiguration training(int steps, int microBatch) {
    return TrainingConfiguration.standard()
        .steps(steps)
        .microBatch(microBatch)
        .logicalShards(1)
        .zeroStage(0)
        .seed(1)
        .learningRate(1e-3f)
        .minimumLearningRate(1e-4f)
        .warmupSteps(0)
        .evaluateEvery(0)
        .evaluationBatches(1)
        .checkpointEvery(0)
        .keepCheckpoints(1)
        .build();
  }
}
