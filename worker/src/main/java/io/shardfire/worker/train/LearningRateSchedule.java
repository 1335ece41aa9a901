package io.shardfire.worker.train;

import io.shardfire.worker.train.TrainingConfiguration.DecayShape;

/**
 * Linear warm-up, the peak, a decay, then the minimum. Update number n, from 0, of W warm-up steps
 * and a decay from step T to step E uses
 *
 * <pre>
 * n &lt; W       peak * (n + 1) / (W + 1)
 * n &lt; T       peak
 * n &lt; E       with x = (n - T) / (E - T)
 *   cosine        minimum + (peak - minimum) (1 + cos(π x)) / 2      Loshchilov and Hutter, 2017
 *   linear        minimum + (peak - minimum) (1 - x)
 *   exponential   peak (minimum / peak)^x                            Hu et al., 2024
 *   sqrt          minimum + (peak - minimum) (1 - √x)                Hägele et al., 2024
 * otherwise   minimum
 * </pre>
 *
 * <p>T is W for the cosine and the line, later for warm-up-stable-decay, and never for the
 * constant.
 */
record LearningRateSchedule(
    DecayShape shape,
    double peak,
    double minimum,
    long warmupSteps,
    long decayStart,
    long decayEnd) {

  static LearningRateSchedule of(TrainingConfiguration training) {
    double peak = training.learningRate();
    double minimum = training.minimumLearningRate();
    long warmup = training.warmupSteps();
    long end = training.lastDecayStep();
    return switch (training.schedule()) {
      case COSINE ->
          new LearningRateSchedule(DecayShape.COSINE, peak, minimum, warmup, warmup, end);
      case LINEAR ->
          new LearningRateSchedule(DecayShape.LINEAR, peak, minimum, warmup, warmup, end);
      case CONSTANT ->
          new LearningRateSchedule(
              DecayShape.LINEAR, peak, peak, warmup, Long.MAX_VALUE, Long.MAX_VALUE);
      case WSD ->
          new LearningRateSchedule(
              training.decayShape(), peak, minimum, warmup, training.firstDecayStep(), end);
    };
  }

  /** The rate of the update after {@code completedSteps} steps. */
  double rate(long completedSteps) {
    if (completedSteps < warmupSteps) {
      return peak * (completedSteps + 1) / (warmupSteps + 1);
    }
    if (completedSteps >= decayEnd) {
      return minimum;
    }
    if (completedSteps < decayStart) {
      return peak;
    }
    double progress = (double) (completedSteps - decayStart) / (decayEnd - decayStart);
    return switch (shape) {
      case COSINE ->
          minimum + (peak - minimum) * (1 + StrictMath.cos(StrictMath.PI * progress)) / 2;
      case LINEAR -> minimum + (peak - minimum) * (1 - progress);
      case EXPONENTIAL -> peak * StrictMath.pow(minimum / peak, progress);
      case SQRT -> minimum + (peak - minimum) * (1 - Math.sqrt(progress));
    };
  }
}
