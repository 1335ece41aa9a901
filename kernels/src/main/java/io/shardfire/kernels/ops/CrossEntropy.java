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
    record(
        recorder,
        new Call("CrossEntropy.forwardBackward", rows, vocabulary, stride),
        logits,
        targets,
        losses,
        Opcode.CROSS_ENTROPY_FORWARD_BACKWARD,
        gradientScale);
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
    record(
        recorder,
        new Call("CrossEntropy.forward", rows, vocabulary, stride),
        logits,
        targets,
        losses,
        Opcode.CROSS_ENTROPY_FORWARD,
        0f);
  }

  private record Call(String name, int rows, int vocabulary, int stride) {}

  private static void record(
      CommandRecorder recorder,
      Call call,
      Span logits,
      Span targets,
      Span losses,
      Opcode opcode,
      float gradientScale) {
    boolean writesLogits = opcode == Opcode.CROSS_ENTROPY_FORWARD_BACKWARD;
    int rows = call.rows();
    long floats = (rows - 1L) * call.stride() + (writesLogits ? call.stride() : call.vocabulary());
    new Operands(call.name())
        .positive("rows", rows)
        .positive("vocabulary", call.vocabulary())
        .atLeast("stride", call.stride(), call.vocabulary())
        .holds("logits", logits, floats)
        .holds("targets", targets, rows)
        .holds("losses", losses, rows)
        .disjoint("logits", logits, "targets", targets)
        .disjoint("logits", logits, "losses", losses)
        .disjoint("targets", targets, "losses", losses);
    Span z = logits.slice(0, (int) floats);
    Command command = Command.of(opcode, rows);
    recorder.add(
        (writesLogits ? command.write(z) : command.read(z))
            .read(targets.slice(0, rows))
            .write(losses.slice(0, rows))
            .integer(call.vocabulary())
            .integer(call.stride())
            .real(gradientScale));
  }
}
