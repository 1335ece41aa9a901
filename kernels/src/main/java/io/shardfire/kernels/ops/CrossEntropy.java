package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;

/**
 * Softmax cross-entropy fused with its gradient. A negative target is ignored: loss 0, gradient 0.
 */
public final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * What changes the loss.
   *
   * @param labelSmoothing share of the target distribution that is spread over all classes (Szegedy
   *     et al., 2016), in [0, 1)
   * @param weights one float per row that multiplies its loss and gradient; null for 1
   * @param gradientFactor a float that multiplies all gradients and no loss, read at run time; null
   *     for 1
   */
  public record Options(float labelSmoothing, Span weights, Span gradientFactor) {
    /** The plain loss. */
    public static final Options NONE = new Options(0f, null);

    /** Checks the smoothing. */
    public Options {
      new Operands("CrossEntropy.Options")
          .require(
              labelSmoothing >= 0f && labelSmoothing < 1f,
              "must be in [0, 1)",
              "labelSmoothing",
              labelSmoothing);
    }

    /** Without a factor of the gradients. */
    public Options(float labelSmoothing, Span weights) {
      this(labelSmoothing, weights, null);
    }
  }

  /**
   * Per-row losses[rows]; logits[rows, stride] become gradients times {@code gradientScale},
   * padding columns zero.
   */
  public static void forwardBackward(
      CommandRecorder recorder,
      int rows,
      int vocabulary,
      Span logits,
      int stride,
      Span targets,
      Span losses,
      float gradientScale) {
    forwardBackward(
        recorder, rows, vocabulary, logits, stride, targets, losses, gradientScale, Options.NONE);
  }

  /** The same with options. */
  public static void forwardBackward(
      CommandRecorder recorder,
      int rows,
      int vocabulary,
      Span logits,
      int stride,
      Span targets,
      Span losses,
      float gradientScale,
      Options options) {
    record(
        recorder,
        new Call("CrossEntropy.forwardBackward", rows, vocabulary, stride),
        logits,
        targets,
        losses,
        Opcode.CROSS_ENTROPY_FORWARD_BACKWARD,
        gradientScale,
        options);
  }

  /** Per-row losses only; logits are kept. */
  public static void forward(
      CommandRecorder recorder,
      int rows,
      int vocabulary,
      Span logits,
      int stride,
      Span targets,
      Span losses) {
    forward(recorder, rows, vocabulary, logits, stride, targets, losses, Options.NONE);
  }

  /** The same with options. */
  public static void forward(
      CommandRecorder recorder,
      int rows,
      int vocabulary,
      Span logits,
      int stride,
      Span targets,
      Span losses,
      Options options) {
    record(
        recorder,
        new Call("CrossEntropy.forward", rows, vocabulary, stride),
        logits,
        targets,
        losses,
        Opcode.CROSS_ENTROPY_FORWARD,
        0f,
        options);
  }

  private record Call(String name, int rows, int vocabulary, int stride) {}

  private static void record(
      CommandRecorder recorder,
      Call call,
      Span logits,
      Span targets,
      Span losses,
      Opcode opcode,
      float gradientScale,
      Options options) {
    boolean writesLogits = opcode == Opcode.CROSS_ENTROPY_FORWARD_BACKWARD;
    int rows = call.rows();
    long floats = (rows - 1L) * call.stride() + (writesLogits ? call.stride() : call.vocabulary());
    Span weights = options.weights();
    Span factor = options.gradientFactor();
    Operands operands = new Operands(call.name());
    operands
        .positive("rows", rows)
        .positive("vocabulary", call.vocabulary())
        .atLeast("stride", call.stride(), call.vocabulary())
        .holds("logits", logits, floats)
        .holds("targets", targets, rows)
        .holds("losses", losses, rows)
        .disjoint("logits", logits, "targets", targets)
        .disjoint("logits", logits, "losses", losses)
        .disjoint("targets", targets, "losses", losses)
        .disjoint("weights", weights, "losses", losses)
        .disjoint("weights", weights, "logits", logits)
        .disjoint("gradientFactor", factor, "losses", losses)
        .disjoint("gradientFactor", factor, "logits", logits);
    if (weights != null) {
      operands.holds("weights", weights, rows);
    }
    if (factor != null) {
      operands.holds("gradientFactor", factor, 1);
    }
    Span z = logits.slice(0, (int) floats);
    int tileRows = Tiles.rows(recorder, call.stride());
    Command command = Command.of(opcode, Operands.tiles(rows, tileRows));
    recorder.add(
        (writesLogits ? command.write(z) : command.read(z))
            .read(targets.slice(0, rows))
            .write(losses.slice(0, rows))
            .integer(call.vocabulary())
            .integer(call.stride())
            .real(gradientScale)
            .readIfPresent(weights == null ? null : weights.slice(0, rows))
            .real(options.labelSmoothing())
            .integer(rows)
            .integer(tileRows)
            .readIfPresent(factor == null ? null : factor.slice(0, 1)));
  }
}
