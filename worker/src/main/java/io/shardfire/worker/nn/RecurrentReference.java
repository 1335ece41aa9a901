package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.RecurrentCell;
import io.shardfire.worker.reference.Tape;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Recurrent cells in double precision, as their authors write them: one token of all B sequences
 * after the other, of T. H units, G gates.
 *
 * @param weight of the state [GH,H]
 * @param bias [1,GH]; or null
 */
record RecurrentReference(Tape tape, RecurrentCell cell, Tensor weight, Tensor bias) {

  /** h and c [B,H]; only the LSTM has the second. */
  private record State(Tensor hidden, Tensor cells) {}

  /**
   * The states after each token [BT,H].
   *
   * @param gates what the input gives them [BT,GH]
   * @param begins of each row, whether the state before is 0
   */
  Tensor run(Tensor gates, int batch, int time, boolean... begins) {
    Tensor zero = tape.leaf(batch, width(), new double[batch * width()]);
    State state = new State(zero, zero);
    List<Tensor> outputs = new ArrayList<>();
    for (int step = 0; step < time; step++) {
      int[] rows = new int[batch];
      double[] passed = new double[batch * width()];
      for (int b = 0; b < batch; b++) {
        rows[b] = b * time + step;
      }
      for (int i = 0; i < passed.length; i++) {
        passed[i] = begins[rows[i / width()]] ? 0 : 1;
      }
      State before =
          new State(tape.scale(state.hidden(), passed), tape.scale(state.cells(), passed));
      Tensor product = tape.productTransposed(before.hidden(), weight);
      state =
          next(
              tape.gather(gates, rows),
              bias == null ? product : tape.addRow(product, bias),
              before);
      outputs.add(state.hidden());
    }
    int[] order = new int[batch * time];
    for (int row = 0; row < order.length; row++) {
      order[row] = row % time * batch + row / time;
    }
    return tape.gather(tape.tile(outputs, 1), order);
  }

  private int width() {
    return weight.columns();
  }

  /** One token more. */
  private State next(Tensor a, Tensor u, State before) {
    return switch (cell) {
      case RNN -> new State(tanh(tape.add(a, u)), before.cells());
      case LSTM -> {
        Tensor sum = tape.add(a, u);
        Tensor kept = tape.multiply(sigmoid(gate(sum, 1)), before.cells());
        Tensor added = tape.multiply(sigmoid(gate(sum, 0)), tanh(gate(sum, 2)));
        Tensor cells = tape.add(kept, added);
        yield new State(tape.multiply(sigmoid(gate(sum, 3)), tanh(cells)), cells);
      }
      case GRU -> {
        Tensor reset = sigmoid(tape.add(gate(a, 0), gate(u, 0)));
        Tensor update = sigmoid(tape.add(gate(a, 1), gate(u, 1)));
        Tensor candidate = tanh(tape.add(gate(a, 2), tape.multiply(reset, gate(u, 2))));
        Tensor rest = tape.map(update, z -> 1 - z, z -> -1);
        yield new State(
            tape.add(tape.multiply(rest, candidate), tape.multiply(update, before.hidden())),
            before.cells());
      }
    };
  }

  private Tensor gate(Tensor all, int number) {
    return tape.slice(all, 0, all.rows(), number * width(), width());
  }

  private Tensor sigmoid(Tensor x) {
    return tape.map(x, RecurrentReference::sigmoid, v -> sigmoid(v) * (1 - sigmoid(v)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  private Tensor tanh(Tensor x) {
    return tape.map(x, StrictMath::tanh, v -> 1 - StrictMath.tanh(v) * StrictMath.tanh(v));
  }
}
