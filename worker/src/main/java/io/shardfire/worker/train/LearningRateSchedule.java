package io.shardfire.worker.train;

/**
 * Linear warm-up, then a cosine to the minimum (Loshchilov and Hutter, 2017), then the minimum.
 * Update number n, from 0, of W warm-up and E decay steps uses
 *
 * <pre>
 * n &lt; W       peak * (n + 1) / (W + 1)
 * n ≤ E       minimum + (peak - minimum) * (1 + cos(π (n - W) / (E - W))) / 2
 * otherwise   minimum
 * </pre>
 */
record LearningRateSchedule(double peak, double minimum, long warmupSteps, long decaySteps) {

  static LearningRateSchedule of(TrainingConfiguration training) {
    return new LearningRateSchedule(
        training.learningRate(),
        training.minimumLearningRate(),
        training.warmupSteps(),
        training.lastDecayStep());
  }

  /** The rate of the update after {@code completedSteps} steps. */
  double rate(long completedSteps) {
    if (completedSteps < warmupSteps) {
      return peak * (completedSteps + 1) / (warmupSteps + 1);
    }
    if (completedSteps >= decaySteps) {
      return minimum;
    }
    double progress = (double) (completedSteps - warmupSteps) / (decaySteps - warmupSteps);
    return minimum + (peak - minimum) * (1 + StrictMath.cos(StrictMath.PI * progress)) / 2;
  }
}
