package io.shardfire.kernels.reference;

import java.util.Arrays;

/**
 * Recurrent layers of B sequences of T tokens, H units and G gates; row b T + t is token t of
 * sequence b. The formulas are those of {@code common/recurrent/cell.cl}.
 */
public enum RecurrenceReference {
  /** tanh of a sum (Elman, 1990). */
  RNN(1) {
    @Override
    Unit forward(double[] a, double[] u, double hidden, double cell) {
      return new Unit(StrictMath.tanh(a[0] + u[0]), 0);
    }

    @Override
    UnitGradient backward(
        double[] a, double[] u, double hidden, double cell, double dh, double dc) {
      double h = StrictMath.tanh(a[0] + u[0]);
      double[] da = {dh * (1 - h * h)};
      return new UnitGradient(da, da, 0, 0);
    }
  },
  /** Input, forget, candidate, output (Hochreiter and Schmidhuber, 1997; Gers et al., 2000). */
  LSTM(4) {
    @Override
    Unit forward(double[] a, double[] u, double hidden, double cell) {
      double c = forget(a, u) * cell + input(a, u) * candidate(a, u);
      return new Unit(output(a, u) * StrictMath.tanh(c), c);
    }

    private double input(double[] a, double[] u) {
      return sigmoid(a[0] + u[0]);
    }

    private double forget(double[] a, double[] u) {
      return sigmoid(a[1] + u[1]);
    }

    private double candidate(double[] a, double[] u) {
      return StrictMath.tanh(a[2] + u[2]);
    }

    private double output(double[] a, double[] u) {
      return sigmoid(a[3] + u[3]);
    }

    @Override
    UnitGradient backward(
        double[] a, double[] u, double hidden, double cell, double dh, double dc) {
      double i = input(a, u);
      double f = forget(a, u);
      double g = candidate(a, u);
      double o = output(a, u);
      double squashed = StrictMath.tanh(f * cell + i * g);
      double all = dc + dh * o * (1 - squashed * squashed);
      double[] da = {
        all * g * i * (1 - i),
        all * cell * f * (1 - f),
        all * i * (1 - g * g),
        dh * squashed * o * (1 - o)
      };
      return new UnitGradient(da, da, 0, all * f);
    }
  },
  /** Reset, update, candidate (Cho et al., 2014), the reset gate behind the product. */
  GRU(3) {
    @Override
    Unit forward(double[] a, double[] u, double hidden, double cell) {
      double z = sigmoid(a[1] + u[1]);
      return new Unit((1 - z) * candidate(a, u) + z * hidden, 0);
    }

    private double candidate(double[] a, double[] u) {
      return StrictMath.tanh(a[2] + sigmoid(a[0] + u[0]) * u[2]);
    }

    @Override
    UnitGradient backward(
        double[] a, double[] u, double hidden, double cell, double dh, double dc) {
      double r = sigmoid(a[0] + u[0]);
      double z = sigmoid(a[1] + u[1]);
      double n = candidate(a, u);
      double inner = dh * (1 - z) * (1 - n * n);
      double dr = inner * u[2] * r * (1 - r);
      double dz = dh * (hidden - n) * z * (1 - z);
      return new UnitGradient(
          new double[] {dr, dz, inner}, new double[] {dr, dz, inner * r}, dh * z, 0);
    }
  };

  private final int gates;

  RecurrenceReference(int gates) {
    this.gates = gates;
  }

  /** h and c of a unit. */
  @SuppressWarnings("ArrayRecordComponent")
  record Unit(double hidden, double cell) {}

  /** Gradients of what input and state give the gates, and of h and c before, past the gates. */
  @SuppressWarnings("ArrayRecordComponent")
  record UnitGradient(double[] da, double[] du, double dhidden, double dcell) {}

  abstract Unit forward(double[] a, double[] u, double hidden, double cell);

  abstract UnitGradient backward(
      double[] a, double[] u, double hidden, double cell, double dh, double dc);

  /**
   * What a layer reads.
   *
   * @param input what it gives the gates, bias included [B T, G H]
   * @param weight of the states [G H, H]
   * @param bias [G H]
   * @param begins of each row, whether the state before is 0 [B T]
   * @param hidden h before the first row of each sequence that does not begin [B, H]
   * @param cells c likewise [B, H]
   */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier, never compared
  public record Layer(
      int batch,
      int time,
      int width,
      double[] input,
      double[] weight,
      double[] bias,
      boolean[] begins,
      double[] hidden,
      double[] cells) {}

  /** h and c after each row [B T, H]. */
  @SuppressWarnings("ArrayRecordComponent")
  public record States(double[] hidden, double[] cells) {}

  /** Of what a layer reads. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Gradients(double[] input, double[] weight, double[] bias) {}

  /** G. */
  public int gates() {
    return gates;
  }

  /** h and c after each row. */
  public States forward(Layer layer) {
    int width = layer.width();
    int rows = layer.batch() * layer.time();
    States states = new States(new double[rows * width], new double[rows * width]);
    for (int row = 0; row < rows; row++) {
      double[] hidden = before(layer, row, states.hidden(), layer.hidden());
      double[] cells = before(layer, row, states.cells(), layer.cells());
      double[] u = product(layer, hidden);
      for (int j = 0; j < width; j++) {
        Unit unit =
            forward(
                gatesOf(layer.input(), row, j, width),
                gatesOf(u, 0, j, width),
                hidden[j],
                cells[j]);
        states.hidden()[row * width + j] = unit.hidden();
        states.cells()[row * width + j] = unit.cell();
      }
    }
    return states;
  }

  /** Gradients from those of h after each row. */
  public Gradients backward(Layer layer, double[] dhidden) {
    int width = layer.width();
    int inner = gates * width;
    States states = forward(layer);
    Gradients gradients =
        new Gradients(
            new double[layer.input().length],
            new double[layer.weight().length],
            new double[layer.bias().length]);
    double[] dh = new double[width];
    double[] dc = new double[width];
    for (int row = layer.batch() * layer.time() - 1; row >= 0; row--) {
      if ((row + 1) % layer.time() == 0) {
        Arrays.fill(dh, 0);
        Arrays.fill(dc, 0);
      }
      double[] hidden = before(layer, row, states.hidden(), layer.hidden());
      double[] cells = before(layer, row, states.cells(), layer.cells());
      double[] u = product(layer, hidden);
      double[] du = new double[inner];
      double[] dbefore = new double[width];
      for (int j = 0; j < width; j++) {
        UnitGradient unit =
            backward(
                gatesOf(layer.input(), row, j, width),
                gatesOf(u, 0, j, width),
                hidden[j],
                cells[j],
                dh[j] + dhidden[row * width + j],
                dc[j]);
        for (int gate = 0; gate < gates; gate++) {
          gradients.input()[row * inner + gate * width + j] = unit.da()[gate];
          du[gate * width + j] = unit.du()[gate];
        }
        dbefore[j] = unit.dhidden();
        dc[j] = layer.begins()[row] ? 0 : unit.dcell();
      }
      for (int k = 0; k < inner; k++) {
        gradients.bias()[k] += du[k];
        for (int j = 0; j < width; j++) {
          gradients.weight()[k * width + j] += du[k] * hidden[j];
          dbefore[j] += du[k] * layer.weight()[k * width + j];
        }
      }
      dh = layer.begins()[row] ? new double[width] : dbefore;
    }
    return gradients;
  }

  private static double[] before(Layer layer, int row, double[] after, double[] first) {
    int width = layer.width();
    if (layer.begins()[row]) {
      return new double[width];
    }
    int sequence = row / layer.time();
    return row % layer.time() == 0
        ? Arrays.copyOfRange(first, sequence * width, (sequence + 1) * width)
        : Arrays.copyOfRange(after, (row - 1) * width, row * width);
  }

  private double[] product(Layer layer, double[] hidden) {
    double[] u = layer.bias().clone();
    for (int k = 0; k < u.length; k++) {
      for (int j = 0; j < layer.width(); j++) {
        u[k] += layer.weight()[k * layer.width() + j] * hidden[j];
      }
    }
    return u;
  }

  private double[] gatesOf(double[] matrix, int row, int unit, int width) {
    double[] values = new double[gates];
    Arrays.setAll(values, gate -> matrix[(row * gates + gate) * width + unit]);
    return values;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }
}
