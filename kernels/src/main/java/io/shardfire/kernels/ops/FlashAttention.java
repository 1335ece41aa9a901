package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;

/**
 * Attention without a score matrix in memory (Dao et al., 2022): self and cross attention, any
 * {@link AttentionMask}, grouped heads, positional terms by distance, dropout. Results do not
 * depend on the number of threads. The operands are matrices of their own or column bands of one;
 * see {@link AttentionShape} for their sizes.
 */
public final class FlashAttention {
  /** Scores and values. */
  private static final int FORWARD_PRODUCTS = 2;

  /** Scores again, and the gradients of weights, values, queries and keys. */
  private static final int BACKWARD_PRODUCTS = 5;

  private FlashAttention() {}

  /** q[batch*queries, heads*headSize]; k and v[batch*keys, kvHeads*headSize]. */
  public record Inputs(MatMul.Matrix q, MatMul.Matrix k, MatMul.Matrix v) {
    /** Three column bands of rows [q | k | v]. */
    public static Inputs packed(AttentionShape shape, Span qkv) {
      int width = shape.width();
      int kvWidth = shape.kvWidth();
      int stride = width + 2 * kvWidth;
      return new Inputs(
          band(qkv, 0, stride), band(qkv, width, stride), band(qkv, width + kvWidth, stride));
    }

    private static MatMul.Matrix band(Span rows, int column, int stride) {
      return new MatMul.Matrix(rows.slice(column, rows.length() - column), stride);
    }
  }

  /** out[batch*queries, heads*headSize] and, for the backward pass, [batch, heads, queries]. */
  public record Outputs(MatMul.Matrix out, Span logSumExp) {}

  /**
   * Writes the outputs. A query that sees no key gets zeros, and minus infinity in logSumExp.
   *
   * @throws IllegalArgumentException when an operand is too short or overlaps an output
   */
  public static void forward(
      CommandRecorder recorder, AttentionOptions options, Inputs inputs, Outputs outputs) {
    AttentionShape shape = options.shape();
    Bands bands = new Bands("FlashAttention.forward");
    checkInputs(bands, options, inputs)
        .writes("out", outputs.out(), shape.queryRows(), shape.width())
        .writes("logSumExp", outputs.logSumExp(), (long) shape.queryRows() * shape.heads());
    boolean bf16 = isBf16(recorder, options);
    Command command =
        Command.of(
                bf16 ? Opcode.BF16_ATTENTION_FORWARD : Opcode.ATTENTION_FORWARD,
                forwardTiles(shape))
            .products(options.sizes(), options.multiplyAdds(FORWARD_PRODUCTS));
    appendInputs(command, shape, inputs);
    Bands.write(command, outputs.out(), shape.queryRows(), shape.width())
        .write(outputs.logSumExp().slice(0, shape.queryRows() * shape.heads()));
    appendOptions(command, options);
    appendStrides(command, inputs, outputs.out().stride());
    command.absent().absent().absent().integer(0);
    recorder.add(bf16 ? command.integer(recorder.unit().code()) : command);
  }

  /**
   * Overwrites the gradients of q, k and v from {@code gradOut} and what forward saved. Tiles are
   * key-value heads: fewer than threads leave some idle.
   *
   * @param gradDistanceBias overwritten with the gradient of the distance bias, one sum per batch
   *     row: [batch, heads, queries + keys - 1]; or null
   * @throws IllegalArgumentException when an operand is too short or overlaps an output
   */
  public static void backward(
      CommandRecorder recorder,
      AttentionOptions options,
      Inputs inputs,
      Outputs outputs,
      MatMul.Matrix gradOut,
      Inputs gradients,
      Span gradDistanceBias) {
    AttentionShape shape = options.shape();
    int queryRows = shape.queryRows();
    int keyRows = shape.keyRows();
    long distanceFloats = (long) shape.batch() * shape.heads() * shape.distances();
    Bands bands = new Bands("FlashAttention.backward");
    checkInputs(bands, options, inputs)
        .reads("out", outputs.out(), queryRows, shape.width())
        .reads("logSumExp", outputs.logSumExp(), (long) queryRows * shape.heads())
        .reads("gradOut", gradOut, queryRows, shape.width())
        .writes("gradients.q", gradients.q(), queryRows, shape.width())
        .writes("gradients.k", gradients.k(), keyRows, shape.kvWidth())
        .writes("gradients.v", gradients.v(), keyRows, shape.kvWidth());
    if (gradDistanceBias != null) {
      bands.writes("gradDistanceBias", gradDistanceBias, distanceFloats);
    }
    boolean bf16 = isBf16(recorder, options);
    Command command =
        Command.of(
                bf16 ? Opcode.BF16_ATTENTION_BACKWARD : Opcode.ATTENTION_BACKWARD,
                (long) shape.batch() * shape.kvHeads())
            .products(options.sizes(), options.multiplyAdds(BACKWARD_PRODUCTS));
    appendInputs(command, shape, inputs);
    Bands.read(command, outputs.out(), queryRows, shape.width())
        .read(outputs.logSumExp().slice(0, queryRows * shape.heads()));
    appendOptions(command, options);
    appendStrides(command, inputs, outputs.out().stride());
    Bands.read(command, gradOut, queryRows, shape.width());
    Bands.write(command, gradients.q(), queryRows, shape.width());
    Bands.write(command, gradients.k(), keyRows, shape.kvWidth());
    Bands.write(command, gradients.v(), keyRows, shape.kvWidth());
    if (gradDistanceBias == null) {
      command.absent();
    } else {
      command.write(gradDistanceBias.slice(0, Math.toIntExact(distanceFloats)));
    }
    command
        .integer(gradOut.stride())
        .integer(gradients.q().stride())
        .integer(gradients.k().stride())
        .integer(gradients.v().stride());
    recorder.add(bf16 ? command.integer(recorder.unit().code()) : command);
  }

  private static boolean isBf16(CommandRecorder recorder, AttentionOptions options) {
    return options.precision() == Precision.BF16 && recorder.form() == KernelForm.CPU;
  }

  /**
   * Writes the weights, before dropout, [batch, heads, queries, keys], from q, k and the logSumExp
   * that forward saved: for inspection, as it takes the memory that the other operations avoid.
   *
   * @throws IllegalArgumentException when an operand is too short or overlaps the weights
   */
  public static void weights(
      CommandRecorder recorder,
      AttentionOptions options,
      MatMul.Matrix q,
      MatMul.Matrix k,
      Span logSumExp,
      Span weights) {
    AttentionShape shape = options.shape();
    int rows = Math.multiplyExact(shape.queryRows(), shape.heads());
    long floats = (long) rows * shape.keys();
    Bands bands =
        new Bands("FlashAttention.weights")
            .reads("q", q, shape.queryRows(), shape.width())
            .reads("k", k, shape.keyRows(), shape.kvWidth());
    checkOptions(bands, options)
        .reads("logSumExp", logSumExp, rows)
        .writes("weights", weights, floats);
    Command command = Command.of(Opcode.ATTENTION_WEIGHTS, forwardTiles(shape));
    Bands.read(command, q, shape.queryRows(), shape.width());
    Bands.read(command, k, shape.keyRows(), shape.kvWidth())
        .absent()
        .absent()
        .read(logSumExp.slice(0, rows));
    appendOptions(command, options)
        .integer(q.stride())
        .integer(k.stride())
        .integer(0)
        .integer(0)
        .write(weights.slice(0, Math.toIntExact(floats)));
    recorder.add(command);
  }

  static long forwardTiles(AttentionShape shape) {
    int chunk = shape.headSize() <= 64 ? 256 : shape.headSize() <= 128 ? 128 : 64;
    return (long) shape.batch() * shape.heads() * Operands.tiles(shape.queries(), chunk);
  }

  private static Bands checkInputs(Bands bands, AttentionOptions options, Inputs inputs) {
    AttentionShape shape = options.shape();
    bands
        .reads("q", inputs.q(), shape.queryRows(), shape.width())
        .reads("k", inputs.k(), shape.keyRows(), shape.kvWidth())
        .reads("v", inputs.v(), shape.keyRows(), shape.kvWidth());
    return checkOptions(bands, options);
  }

  static Bands checkOptions(Bands bands, AttentionOptions options) {
    AttentionShape shape = options.shape();
    AttentionMask mask = options.mask();
    return bands
        .reads("lengths", mask.lengths(), shape.batch())
        .reads("firstKeys", mask.firstKeys(), shape.queryRows())
        .reads("endKeys", mask.endKeys(), shape.queryRows())
        .reads("distanceBias", options.distanceBias(), (long) shape.heads() * shape.distances())
        .reads(
            "dropout.key",
            options.dropout() == null ? null : options.dropout().key(),
            Dropout.KEY_FLOATS);
  }

  private static void appendInputs(Command command, AttentionShape shape, Inputs inputs) {
    Bands.read(command, inputs.q(), shape.queryRows(), shape.width());
    Bands.read(command, inputs.k(), shape.keyRows(), shape.kvWidth());
    Bands.read(command, inputs.v(), shape.keyRows(), shape.kvWidth());
  }

  /** Appends what {@code attention_call} reads between the outputs and the strides. */
  static Command appendOptions(Command command, AttentionOptions options) {
    AttentionShape shape = options.shape();
    AttentionMask mask = options.mask();
    command
        .readIfPresent(mask.lengths())
        .readIfPresent(mask.firstKeys())
        .readIfPresent(mask.endKeys())
        .readIfPresent(options.distanceBias());
    return Dropout.append(command, options.dropout())
        .integer(shape.batch())
        .integer(shape.queries())
        .integer(shape.keys())
        .integer(shape.heads())
        .integer(shape.kvHeads())
        .integer(shape.headSize())
        .real(options.scale())
        .flag(mask.causal())
        .integer(Math.min(mask.window(), shape.distances()));
  }

  static Command appendStrides(Command command, Inputs inputs, int outStride) {
    return command
        .integer(inputs.q().stride())
        .integer(inputs.k().stride())
        .integer(inputs.v().stride())
        .integer(outStride);
  }
}
