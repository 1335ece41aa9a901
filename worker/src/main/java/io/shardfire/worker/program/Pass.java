package io.shardfire.worker.program;

import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.ops.WeightFormat;

/**
 * What a program is recorded for. M rows are batch times time.
 *
 * @param batch sequences
 * @param time tokens of each
 * @param lossScale what a row's loss is multiplied by before differentiation
 * @param recomputesBlocks whether a backward pass computes blocks once more instead of keeping what
 *     they make: less memory for about a third more work
 * @param precision of the operands of products; decoding of single tokens is in fp32 always
 * @param activations how a backward pass finds what the forward pass made
 * @param parameters how a rank keeps what passes read of them
 * @param weights how matrices that products read are stored; without a backward pass only
 * @param packedWeights whether what products in bf16 read of parameters is packed by the first run
 *     after they have changed, for it and later ones, and not by every run
 */
public record Pass(
    int batch,
    int time,
    Mode mode,
    float lossScale,
    boolean recomputesBlocks,
    Precision precision,
    ActivationFormat activations,
    ParameterFormat parameters,
    WeightFormat weights,
    boolean packedWeights) {
  /** What is done with the sequences. */
  public enum Mode {
    /** Forward with dropout, then backward. */
    TRAINING,
    /** Forward, to losses. */
    EVALUATION,
    /** More tokens of sequences, with what is known of those before. */
    DECODING
  }

  /** Checks the sizes. */
  public Pass {
    if (batch < 1 || time < 1) {
      throw new IllegalArgumentException(
          "A pass needs at least one token of one sequence: batch=" + batch + ", time=" + time);
    }
    if (weights.quantizes() && (mode == Mode.TRAINING || precision != Precision.FP32)) {
      throw new IllegalArgumentException(
          "Quantised weights are not trained, and products with them are in fp32: weights="
              + weights
              + ", mode="
              + mode
              + ", precision="
              + precision);
    }
    if (packedWeights && (precision != Precision.BF16 || parameters != ParameterFormat.FP32)) {
      throw new IllegalArgumentException(
          "Weights are packed for products in bf16, of parameters in fp32: precision="
              + precision
              + ", parameters="
              + parameters);
    }
  }

  /** Losses and gradients of a micro-batch. */
  public static Pass training(int batch, int time, float lossScale) {
    return plain(batch, time, Mode.TRAINING, lossScale);
  }

  /** Losses of a micro-batch. */
  public static Pass evaluation(int batch, int time) {
    return plain(batch, time, Mode.EVALUATION, 1);
  }

  /** The next tokens of sequences. */
  public static Pass decoding(int batch, int time) {
    return plain(batch, time, Mode.DECODING, 1);
  }

  private static Pass plain(int batch, int time, Mode mode, float lossScale) {
    return new Pass(
        batch,
        time,
        mode,
        lossScale,
        false,
        Precision.FP32,
        ActivationFormat.FP32,
        ParameterFormat.FP32,
        WeightFormat.FP32,
        false);
  }

  /** The same pass, blocks being computed once more or not. */
  public Pass withRecomputedBlocks(boolean recomputes) {
    Draft draft = new Draft(this);
    draft.recomputesBlocks = recomputes;
    return draft.pass();
  }

  /** The same pass with products of another precision. */
  public Pass withPrecision(Precision other) {
    Draft draft = new Draft(this);
    draft.precision = other;
    return draft.pass();
  }

  /** The same pass, what it makes being kept in another way for its backward pass. */
  public Pass withActivations(ActivationFormat other) {
    Draft draft = new Draft(this);
    draft.activations = other;
    return draft.pass();
  }

  /** The same pass over parameters that are kept in another way. */
  public Pass withParameters(ParameterFormat other) {
    Draft draft = new Draft(this);
    draft.parameters = other;
    return draft.pass();
  }

  /** The same pass with weights that are stored in another way. */
  public Pass withWeights(WeightFormat other) {
    Draft draft = new Draft(this);
    draft.weights = other;
    return draft.pass();
  }

  /** The same pass, weights being packed only where they have changed, or in every run. */
  public Pass withPackedWeights(boolean packs) {
    Draft draft = new Draft(this);
    draft.packedWeights = packs;
    return draft.pass();
  }

  /** What passes of one size may differ in, to change one of it. */
  private static final class Draft {
    private final Pass from;
    private boolean recomputesBlocks;
    private Precision precision;
    private ActivationFormat activations;
    private ParameterFormat parameters;
    private WeightFormat weights;
    private boolean packedWeights;

    Draft(Pass from) {
      this.from = from;
      recomputesBlocks = from.recomputesBlocks;
      precision = from.precision;
      activations = from.activations;
      parameters = from.parameters;
      weights = from.weights;
      packedWeights = from.packedWeights;
    }

    Pass pass() {
      return new Pass(
          from.batch,
          from.time,
          from.mode,
          from.lossScale,
          recomputesBlocks,
          precision,
          activations,
          parameters,
          weights,
          packedWeights);
    }
  }

  /** M. */
  public int rows() {
    return Math.multiplyExact(batch, time);
  }

  /** Whether there is a backward pass. */
  public boolean trains() {
    return mode == Mode.TRAINING;
  }

  /** Whether losses are multiplied by a factor of the batch, too, before differentiation. */
  public boolean scalesLoss() {
    return trains() && precision == Precision.FP16;
  }

  /** Whether tokens are computed with a cache of those before. */
  public boolean decodes() {
    return mode == Mode.DECODING;
  }

  /** Whether decoding computes one token of each sequence: products of few rows. */
  public boolean decodesOne() {
    return decodes() && time == 1;
  }
}
