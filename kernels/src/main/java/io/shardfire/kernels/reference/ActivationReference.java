package io.shardfire.kernels.reference;

import java.util.Arrays;

/** Activation functions and the gated linear units made of them (Shazeer, 2020). */
public enum ActivationReference {
  /** x Φ(x) (Hendrycks and Gimpel, 2016). */
  GELU {
    @Override
    double value(double x) {
      return x * normalDistribution(x);
    }

    @Override
    double slope(double x) {
      double density = StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      return normalDistribution(x) + x * density;
    }
  },
  /** The tanh form. */
  GELU_TANH {
    @Override
    double value(double x) {
      return GeluReference.forward(new double[] {x})[0];
    }

    @Override
    double slope(double x) {
      return GeluReference.backward(new double[] {x}, new double[] {1})[0];
    }
  },
  /** max(x, 0). */
  RELU {
    @Override
    double value(double x) {
      return Math.max(x, 0);
    }

    @Override
    double slope(double x) {
      return x > 0 ? 1 : 0;
    }
  },
  /** x sigmoid(x). */
  SILU {
    @Override
    double value(double x) {
      return x / (1 + StrictMath.exp(-x));
    }

    @Override
    double slope(double x) {
      double sigmoid = 1 / (1 + StrictMath.exp(-x));
      return sigmoid * (1 + x * (1 - sigmoid));
    }
  },
  /** tanh(x). */
  TANH {
    @Override
    double value(double x) {
      return StrictMath.tanh(x);
    }

    @Override
    double slope(double x) {
      double y = StrictMath.tanh(x);
      return 1 - y * y;
    }
  };

  abstract double value(double x);

  abstract double slope(double x);

  /** f(x), element by element. */
  public double[] forward(double[] x) {
    return Arrays.stream(x).map(this::value).toArray();
  }

  /** dy f'(x), element by element. */
  public double[] backward(double[] x, double[] dy) {
    double[] dx = new double[x.length];
    Arrays.setAll(dx, i -> dy[i] * slope(x[i]));
    return dx;
  }

  /** f(gate) value, of x[rows, 2*width] = gate, value. */
  public double[] gatedForward(double[] x, int width) {
    double[] y = new double[x.length / 2];
    for (int i = 0; i < y.length; i++) {
      int gate = i / width * 2 * width + i % width;
      y[i] = value(x[gate]) * x[gate + width];
    }
    return y;
  }

  /** The gradients of gate and value, packed like x. */
  public double[] gatedBackward(double[] x, double[] dy, int width) {
    double[] dx = new double[x.length];
    for (int i = 0; i < dy.length; i++) {
      int gate = i / width * 2 * width + i % width;
      dx[gate] = dy[i] * x[gate + width] * slope(x[gate]);
      dx[gate + width] = dy[i] * value(x[gate]);
    }
    return dx;
  }

  /** Φ(x) = 1/2 + φ(x) (x + x³/3 + x⁵/(3·5) + …), whose terms have one sign. */
  private static double normalDistribution(double x) {
    if (Math.abs(x) > 9) {
      return x > 0 ? 1 : 0;
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= x * x / (2 * n + 1);
      sum += term;
    }
    return 0.5 + sum * StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }
}
