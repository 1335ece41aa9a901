package io.shardfire.kernels.reference;

/**
 * AdamW (Loshchilov and Hutter, 2019).
 *
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled decay per unit of learning rate
 */
public record AdamWReference(double beta1, double beta2, double epsilon, double weightDecay) {

  /** One step in place; correction1 = 1-beta1^t, correction2 = 1-beta2^t. */
  public void step(
      double[] parameters,
      double[] gradients,
      double[] firstMoment,
      double[] secondMoment,
      double learningRate,
      double correction1,
      double correction2,
      double gradientScale) {
    for (int i = 0; i < parameters.length; i++) {
      double g = gradients[i] * gradientScale;
      firstMoment[i] = beta1 * firstMoment[i] + (1 - beta1) * g;
      secondMoment[i] = beta2 * secondMoment[i] + (1 - beta2) * g * g;
      double direction =
          firstMoment[i] / correction1 / (Math.sqrt(secondMoment[i] / correction2) + epsilon);
      parameters[i] -= learningRate * (weightDecay * parameters[i] + direction);
    }
  }
}
