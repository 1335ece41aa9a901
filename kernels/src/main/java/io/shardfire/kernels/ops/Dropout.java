package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/**
 * Inverted dropout from counter-based random numbers: the mask is a pure function of (key, stream,
 * element).
 */
public final class Dropout {
  private Dropout() {}

  /** Floats a key takes. */
  public static final int KEY_FLOATS = 4;

  /**
   * Which mask: rate in [0,1), the span holding the step's key, and a stream number unique to the
   * call site (layer and place).
   */
  public record Mask(float rate, Span key, int stream) {
    /** Checks the rate and the key. */
    public Mask {
      new Operands("Dropout.Mask")
          .require(rate >= 0f && rate < 1f, "must be in [0, 1)", "rate", rate)
          .holds("key", key, KEY_FLOATS);
    }

    /** Random words below this drop their element: rate * 2^32, unsigned. */
    int threshold() {
      return (int) (long) (rate * 0x1p32);
    }

    /** What kept elements are multiplied by. */
    float scale() {
      return 1f / (1f - rate);
    }
  }

  /** Writes the key that {@link Mask} reads; call between runs. */
  public static void writeKey(Span span, long key) {
    new Operands("Dropout.writeKey").holds("span", span, KEY_FLOATS);
    float[] array = span.arena().array();
    for (int i = 0; i < KEY_FLOATS; i++) {
      array[span.offset() + i] = (key >>> (16 * i)) & 0xffff;
    }
    span.upload();
  }

  /** y = mask(x)/(1-rate) + residual; residual may be null; y may be x or residual. */
  public static void forward(CommandRecorder recorder, Mask mask, Span x, Span residual, Span y) {
    record(recorder, new Operands("Dropout.forward"), mask, x, residual, y);
  }

  /** dx = mask(dy)/(1-rate); dx may be dy. */
  public static void backward(CommandRecorder recorder, Mask mask, Span dy, Span dx) {
    record(recorder, new Operands("Dropout.backward"), mask, dy, null, dx);
  }

  private static void record(
      CommandRecorder recorder, Operands operands, Mask mask, Span x, Span residual, Span y) {
    int length = x.length();
    operands
        .positive("length", length)
        .exactly("y", y, length)
        .sameOrDisjoint("x", x, "y", y)
        .sameOrDisjoint("residual", residual, "y", y)
        .disjoint("key", mask.key(), "y", y);
    if (residual != null) {
      operands.exactly("residual", residual, length);
    }
    Command command =
        Command.of(
                Opcode.DROPOUT, Operands.tiles(length, recorder.tuned(Tunable.ELEMENTS_PER_TILE)))
            .read(x)
            .readIfPresent(residual)
            .write(y);
    recorder.add(append(command, mask).integer(length));
  }

  /** Appends the five words {@code dropout_argument} reads; a null mask means no dropout. */
  static Command append(Command command, Mask mask) {
    if (mask == null) {
      return command.absent().integer(0).integer(0).real(1f);
    }
    return command
        .read(mask.key().slice(0, KEY_FLOATS))
        .integer(mask.stream())
        .integer(mask.threshold())
        .real(mask.scale());
  }
}
