package io.shardfire.worker.train;

import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.objective.ObjectiveKind;
import io.shardfire.worker.objective.ObjectiveSettings;
import io.shardfire.worker.objective.Packing;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import java.io.Serializable;
import java.util.Objects;

/**
 * How a model is trained. The global batch is logicalShards * accumulation * microBatch sequences
 * per step.
 *
 * @param microBatch sequences per forward and backward pass
 * @param accumulation passes per logical shard and step
 * @param logicalShards V: equal parts of the global batch, summed in a fixed tree; 0 means one per
 *     rank
 * @param zeroStage 0 or 1
 * @param schedule of the learning rate, which rises to learningRate during warmupSteps
 * @param decaySteps step at which the schedule reaches minimumLearningRate; 0 means steps
 * @param decayShape of warm-up-stable-decay
 * @param decayShare of warm-up-stable-decay: the share of decaySteps, at their end, that decays
 * @param beta1 of AdamW and Lion, as is beta2
 * @param epsilon of AdamW
 * @param momentum of SGD; 0 means none
 * @param nesterov whether SGD looks ahead along the momentum
 * @param relativeStep whether Adafactor multiplies the learning rate by the root mean square of
 *     each tensor
 * @param weightDecay of matrices; SGD adds it to the gradient, the others decouple it
 * @param clipNorm largest global gradient norm; 0 means no clipping
 * @param evaluateEvery steps between validations; 0 means only at the end
 * @param evaluationBatches fixed validation batches of microBatch sequences
 * @param checkpointEvery steps between checkpoints; 0 means only at the end
 * @param keepCheckpoints committed checkpoints kept
 * @param recompute whether the backward pass computes each block once more instead of keeping what
 *     it made (Chen et al., 2016): less memory, a forward pass of the blocks more, and the same
 *     bits where activations are fp32
 * @param precision to what the operands of products are rounded; sums, parameters, gradients and
 *     the optimizer's state are fp32
 * @param lossScale that fp16 begins with: a power of two, see {@link LossScale}
 * @param lossScaleWindow good steps in a row after which fp16 doubles it
 * @param activations how the backward pass finds what the forward pass made; bf16 is half the
 *     memory
 * @param parameters how a rank keeps the whole parameters that passes read; with bf16, half the
 *     memory and half the bytes to gather, it updates fp32 master weights
 * @param packedWeights whether weights that products in bf16 read are packed once a step, where it
 *     has several passes, and kept for all of them: four more bytes for each of a weight's numbers,
 *     and the same bits; only where parameters are fp32
 * @param gradientExchange as what ranks send each other their gradients, which the receiver adds in
 *     fp32; bf16 is half the bytes, and other bits on another number of ranks
 * @param objective what is to be predicted
 * @param packing how documents become sequences
 * @param maskedShare share of the tokens that masked and span-corruption predict
 * @param meanSpan mean tokens of a span that span-corruption cuts out
 * @param wholeWords whether masked hides all tokens of a word together
 * @param nextSentence whether masked also predicts if one segment follows another
 */
public record TrainingConfiguration(
    long steps,
    int microBatch,
    int accumulation,
    int logicalShards,
    int zeroStage,
    long seed,
    ScheduleKind schedule,
    float learningRate,
    float minimumLearningRate,
    long warmupSteps,
    long decaySteps,
    DecayShape decayShape,
    float decayShare,
    OptimizerKind optimizer,
    float beta1,
    float beta2,
    float epsilon,
    float momentum,
    boolean nesterov,
    boolean relativeStep,
    float weightDecay,
    float clipNorm,
    long evaluateEvery,
    int evaluationBatches,
    long checkpointEvery,
    int keepCheckpoints,
    boolean recompute,
    Precision precision,
    float lossScale,
    long lossScaleWindow,
    ActivationFormat activations,
    ParameterFormat parameters,
    boolean packedWeights,
    ElementType gradientExchange,
    ObjectiveKind objective,
    Packing packing,
    float maskedShare,
    float meanSpan,
    boolean wholeWords,
    boolean nextSentence)
    implements Serializable {
  /** How the learning rate goes on after the warm-up. */
  public enum ScheduleKind {
    /** Along a cosine to the minimum. */
    COSINE,
    /** Along a line to the minimum. */
    LINEAR,
    /** It stays. */
    CONSTANT,
    /** Warm-up-stable-decay (Hu et al., 2024): it stays, then decays during the last steps. */
    WSD
  }

  /** How warm-up-stable-decay decays. */
  public enum DecayShape {
    LINEAR,
    COSINE,
    /** By the same factor every step, as in MiniCPM (Hu et al., 2024). */
    EXPONENTIAL,
    /** Along 1 - √x (Hägele et al., 2024). */
    SQRT
  }

  /** What updates the parameters. */
  public enum OptimizerKind {
    /** Loshchilov and Hutter, 2019. */
    ADAMW,
    /** Chen et al., 2023. */
    LION,
    /** With momentum or without. */
    SGD,
    /** Shazeer and Stern, 2018. */
    ADAFACTOR
  }

  /** Checks every value. */
  public TrainingConfiguration {
    require(steps >= 1, "steps", steps, "set it to 1 or more");
    require(microBatch >= 1, "microBatch", microBatch, "set it to 1 or more sequences");
    require(accumulation >= 1, "accumulation", accumulation, "set it to 1 or more passes");
    require(
        logicalShards >= 0,
        "logicalShards",
        logicalShards,
        "set it to 0 for one per rank, or more");
    require(
        zeroStage == 0 || zeroStage == 1,
        "zeroStage",
        zeroStage,
        "set it to 0 (everything replicated) or 1 (optimizer state sharded)");
    require(
        learningRate > 0 && Float.isFinite(learningRate),
        "learningRate",
        learningRate,
        "set it above 0, for example 6e-4");
    require(
        minimumLearningRate >= 0 && minimumLearningRate <= learningRate,
        "minimumLearningRate",
        minimumLearningRate,
        "set it between 0 and learningRate=" + learningRate);
    require(warmupSteps >= 0, "warmupSteps", warmupSteps, "set it to 0 or more");
    require(
        decaySteps == 0 || decaySteps >= warmupSteps,
        "decaySteps",
        decaySteps,
        "set it to 0 for steps, or at least warmupSteps=" + warmupSteps);
    require(
        decayShare > 0 && decayShare <= 1,
        "decayShare",
        decayShare,
        "set it above 0 and up to 1, for example 0.1");
    require(
        schedule != ScheduleKind.WSD
            || decayShape != DecayShape.EXPONENTIAL
            || minimumLearningRate > 0,
        "minimumLearningRate",
        minimumLearningRate,
        "set it above 0, for example to a tenth of learningRate, which decayShape=exponential needs");
    require(
        schedule != ScheduleKind.WSD
            || firstDecayStep(steps, warmupSteps, decaySteps, decayShare) >= warmupSteps,
        "decayShare",
        decayShare,
        "lower it, for the decay begins within warmupSteps=" + warmupSteps);
    require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "set it in [0, 1), for example 0.9");
    require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "set it in [0, 1), for example 0.95");
    require(
        epsilon > 0 && Float.isFinite(epsilon),
        "epsilon",
        epsilon,
        "set it above 0, for example 1e-8");
    require(
        momentum >= 0 && momentum < 1, "momentum", momentum, "set it in [0, 1), for example 0.9");
    require(
        !nesterov || momentum > 0, "nesterov", nesterov, "set it to false, or momentum above 0");
    require(
        weightDecay >= 0 && Float.isFinite(weightDecay),
        "weightDecay",
        weightDecay,
        "set it to 0 or more, for example 0.1");
    require(
        clipNorm >= 0 && Float.isFinite(clipNorm),
        "clipNorm",
        clipNorm,
        "set it to 0 for no clipping, or more");
    require(evaluateEvery >= 0, "evaluateEvery", evaluateEvery, "set it to 0 or more steps");
    require(evaluationBatches >= 1, "evaluationBatches", evaluationBatches, "set it to 1 or more");
    require(checkpointEvery >= 0, "checkpointEvery", checkpointEvery, "set it to 0 or more steps");
    require(keepCheckpoints >= 1, "keepCheckpoints", keepCheckpoints, "set it to 1 or more");
    Objects.requireNonNull(precision, "precision");
    require(
        LossScale.isValid(lossScale),
        "lossScale",
        lossScale,
        "set it to a power of two, of 1 or more, for example 65536");
    require(lossScaleWindow >= 1, "lossScaleWindow", lossScaleWindow, "set it to 1 or more steps");
    Objects.requireNonNull(activations, "activations");
    Objects.requireNonNull(parameters, "parameters");
    Objects.requireNonNull(gradientExchange, "gradientExchange");
    Objects.requireNonNull(objective, "objective");
    Objects.requireNonNull(packing, "packing");
    new ObjectiveSettings(objective, packing, maskedShare, meanSpan, wholeWords, nextSentence);
  }

  /** What a model is trained for, with the values that take effect. */
  public ObjectiveSettings objectiveSettings(ModelConfiguration model) {
    return new ObjectiveSettings(
            objective, packing, maskedShare, meanSpan, wholeWords, nextSentence)
        .resolved(model.kind());
  }

  /** Whether losses are scaled before differentiation, and steps may be skipped. */
  public boolean scalesLoss() {
    return precision == Precision.FP16;
  }

  /**
   * Which fields the micro-batches of a model have.
   *
   * @throws IllegalArgumentException when the model is not for the objective, or too short
   */
  public BatchForm form(ModelConfiguration model) {
    return objectiveSettings(model).form(microBatch, model);
  }

  /** The settings that hold where nothing else is said, to begin with. */
  public static TrainingBuilder standard() {
    return new TrainingBuilder();
  }

  /** These settings, to change some. */
  public TrainingBuilder with() {
    return new TrainingBuilder(this);
  }

  /**
   * Whether {@code ranks} ranks can share V logical shards so that gradients are summed in the same
   * tree as on one rank: each rank sums V/N of them first, a complete subtree only if that is a
   * power of two.
   */
  public static boolean canShare(int logicalShards, int ranks) {
    if (ranks < 1 || logicalShards < 1 || logicalShards % ranks != 0) {
      return false;
    }
    return ranks == 1 || Integer.bitCount(logicalShards / ranks) == 1;
  }

  /** Step at which the schedule reaches its minimum. */
  public long lastDecayStep() {
    return lastDecayStep(steps, warmupSteps, decaySteps);
  }

  /** First step of the decay of warm-up-stable-decay. */
  public long firstDecayStep() {
    return firstDecayStep(steps, warmupSteps, decaySteps, decayShare);
  }

  private static long lastDecayStep(long steps, long warmupSteps, long decaySteps) {
    return decaySteps == 0 ? Math.max(steps, warmupSteps) : decaySteps;
  }

  private static long firstDecayStep(
      long steps, long warmupSteps, long decaySteps, float decayShare) {
    long last = lastDecayStep(steps, warmupSteps, decaySteps);
    return last - Math.round((double) decayShare * last);
  }

  private static void require(boolean holds, String name, Object value, String remedy) {
    if (!holds) {
      throw new IllegalArgumentException(
          "Training setting out of range; " + remedy + ": " + name + "=" + value);
    }
  }
}
