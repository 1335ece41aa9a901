package io.shardfire.worker.train;

/**
 * Dynamic loss scaling (Micikevicius et al., 2018): losses are multiplied by a power of two before
 * they are differentiated, so that small gradients stay above what fp16 rounds to zero, and
 * gradients are divided by it again in the update. A step with gradients that are not finite is
 * skipped, and the scale is halved; after enough good steps in a row it is doubled. Immutable.
 *
 * @param scale a power of two, from 1 to 2<sup>127</sup>
 * @param goodSteps since it was changed or a step was skipped
 * @param skippedSteps of the whole run
 */
public record LossScale(float scale, long goodSteps, long skippedSteps) {
  /** Of a run whose products are not in fp16. */
  static final LossScale NONE = new LossScale(1, 0, 0);

  private static final float LARGEST = 0x1p127f;

  /** Checks the values. */
  public LossScale {
    if (!isValid(scale) || goodSteps < 0 || skippedSteps < 0) {
      throw new IllegalArgumentException(
          "A loss scale is a power of two, of 1 or more, and steps are not negative: scale="
              + scale
              + ", goodSteps="
              + goodSteps
              + ", skippedSteps="
              + skippedSteps);
    }
  }

  /** That a run begins with. */
  static LossScale of(TrainingConfiguration training) {
    return training.scalesLoss() ? new LossScale(training.lossScale(), 0, 0) : NONE;
  }

  /** Whether a loss scale may have this value: 1, 2, 4 and so on. */
  static boolean isValid(float scale) {
    return scale >= 1 && Float.isFinite(scale) && scale == Math.scalb(1f, Math.getExponent(scale));
  }

  /** Whether it cannot be halved, so that gradients that are not finite end the run. */
  boolean isSmallest() {
    return scale == 1;
  }

  /** After a step that was skipped. */
  LossScale afterSkippedStep() {
    return new LossScale(Math.max(1, scale / 2), 0, skippedSteps + 1);
  }

  /**
   * After a step that has updated the parameters.
   *
   * @param window good steps in a row that double the scale
   */
  LossScale afterGoodStep(long window) {
    return goodSteps + 1 < window
        ? new LossScale(scale, goodSteps + 1, skippedSteps)
        : new LossScale(Math.min(2 * scale, LARGEST), 0, skippedSteps);
  }

  /** Another in its place, of a run that goes on with other settings. */
  LossScale restartedWith(TrainingConfiguration training) {
    return new LossScale(of(training).scale, 0, skippedSteps);
  }
}
