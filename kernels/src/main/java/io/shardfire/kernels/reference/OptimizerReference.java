package io.shardfire.kernels.reference;

import java.util.Arrays;

/** One step of SGD, Lion and Adafactor, in place. */
public final class OptimizerReference {
  private OptimizerReference() {}

  /** SGD with momentum (Sutskever et al., 2013); the velocity is null for none. */
  public static void sgd(
      double[] parameters,
      double[] gradients,
      double[] velocity,
      double learningRate,
      double gradientScale,
      double momentum,
      double weightDecay,
      boolean nesterov) {
    for (int i = 0; i < parameters.length; i++) {
      double g = gradientScale * gradients[i] + weightDecay * parameters[i];
      double direction = g;
      if (velocity != null) {
        velocity[i] = momentum * velocity[i] + g;
        direction = nesterov ? g + momentum * velocity[i] : velocity[i];
      }
      parameters[i] -= learningRate * direction;
    }
  }

  /** Lion (Chen et al., 2023). */
  public static void lion(
      double[] parameters,
      double[] gradients,
      double[] momentum,
      double learningRate,
      double gradientScale,
      double beta1,
      double beta2,
      double weightDecay) {
    for (int i = 0; i < parameters.length; i++) {
      double g = gradientScale * gradients[i];
      double direction = Math.signum(beta1 * momentum[i] + (1 - beta1) * g);
      parameters[i] -= learningRate * (direction + weightDecay * parameters[i]);
      momentum[i] = beta2 * momentum[i] + (1 - beta2) * g;
    }
  }

  /**
   * Adafactor (Shazeer and Stern, 2018) of a matrix with as many rows and columns as its moments.
   *
   * @param epsilon2 smallest parameter scale; negative for a learning rate that is not relative
   */
  public static void adafactor(
      double[] parameters,
      double[] gradients,
      double[] rowMoment,
      double[] columnMoment,
      double learningRate,
      double decay,
      double gradientScale,
      double epsilon1,
      double epsilon2,
      double clipThreshold,
      double weightDecay) {
    int rows = rowMoment.length;
    int columns = columnMoment.length;
    double[] rowMeans = new double[rows];
    double[] columnMeans = new double[columns];
    for (int i = 0; i < gradients.length; i++) {
      double square = StrictMath.pow(gradientScale * gradients[i], 2) + epsilon1;
      rowMeans[i / columns] += square / columns;
      columnMeans[i % columns] += square / rows;
    }
    Arrays.setAll(rowMoment, i -> decay * rowMoment[i] + (1 - decay) * rowMeans[i]);
    Arrays.setAll(columnMoment, i -> decay * columnMoment[i] + (1 - decay) * columnMeans[i]);
    double mean = Arrays.stream(rowMoment).sum() / rows;
    double[] update = new double[gradients.length];
    for (int i = 0; i < update.length; i++) {
      double moment = rowMoment[i / columns] * columnMoment[i % columns] / mean;
      update[i] = gradientScale * gradients[i] / Math.sqrt(moment);
    }
    double rate = learningRate / Math.max(1, rootMeanSquare(update) / clipThreshold);
    if (epsilon2 >= 0) {
      rate *= Math.max(epsilon2, rootMeanSquare(parameters));
    }
    for (int i = 0; i < update.length; i++) {
      parameters[i] -= learningRate * weightDecay * parameters[i] + rate * update[i];
    }
  }

  private static double rootMeanSquare(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum() / x.length);
  }
}
