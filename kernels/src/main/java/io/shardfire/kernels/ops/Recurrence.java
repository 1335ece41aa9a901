package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;

/**
 * What is recurrent in a layer: two commands for each token, one behind the other, the product of
 * the states with the recurrent weights and the cell. The products of the inputs, and of all states
 * for the gradient of the weights, are one each, and the caller's. B sequences of T tokens, H
 * units, G gates; row b T + t of a matrix is token t of sequence b.
 */
public final class Recurrence {
  /** More rows than {@link MatVec} streams weights for at once are packed for. */
  private static final int STREAMED_ROWS = 16;

  private Recurrence() {}

  /**
   * What is learned.
   *
   * @param weight of the states [G H, H]
   * @param bias [G H]; or null
   */
  public record Weights(Span weight, Span bias) {}

  /**
   * What a pass makes.
   *
   * @param gates what the input gives them, bias included, which they replace [B T, G H]
   * @param before the states that each row begins with [B T, H]
   * @param out the states after each row [B T, H]
   * @param kept [B T, H] where the cell {@linkplain RecurrentCell#keeps() keeps} something, else
   *     null
   */
  public record States(Span gates, Span before, Span out, Span kept) {}

  /**
   * Memory that nobody reads afterwards.
   *
   * @param product [B, G H]
   * @param cells of an LSTM that goes on from earlier passes [B, H]; else null
   */
  public record Scratch(Span product, Span cells) {}

  /**
   * Runs all tokens.
   *
   * @param firstVisible the first token of its sequence that each row sees [B T]: where that is not
   *     one before, the state is 0; null where all are seen
   * @param lasting where states come from and go to; null where they begin with 0
   */
  public static void forward(
      CommandRecorder recorder,
      RecurrentShape shape,
      Weights weights,
      States states,
      Scratch scratch,
      Span firstVisible,
      RecurrentStates lasting) {
    Bands bands = new Bands("Recurrence.forward");
    check(bands, shape, weights, firstVisible)
        .writes("gates", states.gates(), shape.gateFloats())
        .writes("before", states.before(), shape.stateFloats())
        .writes("out", states.out(), shape.stateFloats())
        .writes("product", scratch.product(), (long) shape.batch() * shape.gateWidth());
    Span kept = shape.cell().keeps() ? states.kept() : null;
    if (shape.cell().keeps()) {
      bands.writes("kept", kept, shape.stateFloats());
    }
    boolean carriesCells = lasting != null && shape.cell() == RecurrentCell.LSTM;
    Span cells = carriesCells ? scratch.cells() : null;
    if (carriesCells) {
      bands.writes("cells", cells, (long) shape.batch() * shape.width());
    }
    RecurrentStates.load(recorder, shape, lasting, states.before(), cells);
    for (int step = 0; step < shape.time(); step++) {
      product(recorder, shape, weights, states.before(), scratch.product(), step);
      recorder.add(
          Command.of(Opcode.RECURRENT_FORWARD, shape.batch())
              .write(states.gates())
              .read(scratch.product())
              .write(states.before())
              .write(states.out())
              .writeIfPresent(kept)
              .readIfPresent(cells)
              .readIfPresent(firstVisible)
              .integer(step)
              .integer(shape.time())
              .integer(shape.width())
              .integer(shape.cell().code()));
    }
    if (lasting != null) {
      lasting.store(recorder, shape, states);
    }
  }

  /** product = states of a step, times the transposed weights, plus the bias. */
  private static void product(
      CommandRecorder recorder,
      RecurrentShape shape,
      Weights weights,
      Span before,
      Span product,
      int step) {
    Matrix states = stepOf(before, step, shape.time(), shape.width());
    Matrix weight = new Matrix(weights.weight(), shape.width());
    Matrix out = new Matrix(product, shape.gateWidth());
    Epilogue epilogue = weights.bias() == null ? Epilogue.NONE : Epilogue.bias(weights.bias());
    // A sequence that is decoded has the same bits whatever is beside it.
    if (shape.batch() <= STREAMED_ROWS || shape.time() == 1) {
      MatVec.record(
          recorder,
          Layout.NT,
          states,
          weight,
          out,
          shape.batch(),
          shape.gateWidth(),
          shape.width(),
          epilogue);
    } else {
      MatMul.record(
          recorder,
          Layout.NT,
          states,
          weight,
          out,
          shape.batch(),
          shape.gateWidth(),
          shape.width(),
          epilogue);
    }
  }

  /** The rows of one token of all sequences. */
  private static Matrix stepOf(Span rows, int step, int time, int width) {
    int from = step * width;
    return new Matrix(rows.slice(from, rows.length() - from), time * width);
  }

  /**
   * Gradients of what a pass read.
   *
   * @param gates of what the input gave them [B T, G H]
   * @param product of what the states gave them [B T, G H]: it times {@link States#before} is the
   *     gradient of the weights, and its sum over rows that of the bias. Null where the cell does
   *     not {@linkplain RecurrentCell#splitsGradient() split} it: both are the same then
   */
  public record Gradients(Span gates, Span product) {}

  /**
   * Memory of a backward pass that nobody reads afterwards.
   *
   * @param states [B, H]
   * @param cells of an LSTM [B, H]; else null
   */
  public record Carry(Span states, Span cells) {}

  /**
   * Differentiates a pass that began with states of 0.
   *
   * @param dout gradients of {@link States#out} [B T, H]
   * @param firstVisible as in the forward pass
   */
  public static void backward(
      CommandRecorder recorder,
      RecurrentShape shape,
      Weights weights,
      States states,
      Span dout,
      Gradients gradients,
      Carry carry,
      Span firstVisible) {
    RecurrentCell cell = shape.cell();
    long carried = (long) shape.batch() * shape.width();
    Bands bands = new Bands("Recurrence.backward");
    check(bands, shape, weights, firstVisible)
        .reads("gates", states.gates(), shape.gateFloats())
        .reads("before", states.before(), shape.stateFloats())
        .reads("dout", dout, shape.stateFloats())
        .writes("dgates", gradients.gates(), shape.gateFloats())
        .writes("carry", carry.states(), carried);
    if (cell.keeps()) {
      bands.reads("kept", states.kept(), shape.stateFloats());
    }
    if (cell.splitsGradient()) {
      bands.writes("dproduct", gradients.product(), shape.gateFloats());
    }
    if (cell == RecurrentCell.LSTM) {
      bands.writes("carried cells", carry.cells(), carried);
    }
    for (int step = shape.time() - 1; step >= 0; step--) {
      recorder.add(
          Command.of(Opcode.RECURRENT_BACKWARD, shape.batch())
              .read(states.gates())
              .readIfPresent(cell.keeps() ? states.kept() : null)
              .read(states.before())
              .read(dout)
              .write(carry.states())
              .writeIfPresent(cell == RecurrentCell.LSTM ? carry.cells() : null)
              .write(gradients.gates())
              .writeIfPresent(cell.splitsGradient() ? gradients.product() : null)
              .readIfPresent(firstVisible)
              .integer(step)
              .integer(shape.time())
              .integer(shape.width())
              .integer(cell.code()));
      if (step > 0) {
        carryBack(recorder, shape, weights, gradients, carry.states(), step);
      }
    }
  }

  /** What reaches the states before a step through the product. */
  private static void carryBack(
      CommandRecorder recorder,
      RecurrentShape shape,
      Weights weights,
      Gradients gradients,
      Span carry,
      int step) {
    boolean splits = shape.cell().splitsGradient();
    MatMul.record(
        recorder,
        Layout.NN,
        stepOf(
            splits ? gradients.product() : gradients.gates(),
            step,
            shape.time(),
            shape.gateWidth()),
        new Matrix(weights.weight(), shape.width()),
        new Matrix(carry, shape.width()),
        shape.batch(),
        shape.width(),
        shape.gateWidth(),
        // The GRU's state also goes on past its gates.
        splits ? Epilogue.ACCUMULATE : Epilogue.NONE);
  }

  private static Bands check(
      Bands bands, RecurrentShape shape, Weights weights, Span firstVisible) {
    return bands
        .reads("weight", weights.weight(), (long) shape.gateWidth() * shape.width())
        .reads("bias", weights.bias(), shape.gateWidth())
        .reads("firstVisible", firstVisible, shape.rows());
  }
}
