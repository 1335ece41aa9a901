package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * An arena for trying out operations. Operands lie in it with gaps between them; gaps and outputs
 * are poisoned with NaN, so a kernel that reads what it must not computes NaN, and one that writes
 * what it must not is found by {@link #damage}.
 *
 * <pre>
 *   | NaN gap | input | NaN gap | output (NaN) | NaN gap | …
 * </pre>
 */
public final class Workbench {
  private static final int GAP = 37;
  private static final int POISON = 0x7fc0dead;
  private static final long CHECKSUM_FACTOR = 0x9e3779b97f4a7c15L;

  private final DeviceMemory memory;
  private final Arena arena;
  private final boolean[] owned;
  private final SplittableRandom random;
  private int next = GAP;
  private long checksum;

  /** Behind so many floats all are poison. */
  private int touched;

  /** A bench of the given capacity with its own device memory. */
  public Workbench(ComputeContext context, int floats, long seed) {
    memory = context.newMemory();
    arena = memory.allocate("workbench", floats);
    owned = new boolean[floats];
    random = new SplittableRandom(seed);
    touched = floats;
    clear();
  }

  /** Removes all operands. */
  public void clear() {
    Arrays.fill(arena.array(), 0, touched, Float.intBitsToFloat(POISON));
    Arrays.fill(owned, 0, touched, false);
    arena.span(0, touched).upload();
    next = GAP;
    touched = GAP;
    checksum = 0;
  }

  /** Values in [-1, 1), exact as floats. */
  public double[] values(int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (2 * random.nextDouble() - 1);
    }
    return values;
  }

  /** Values in [0, bound), whole numbers. */
  public int[] integers(int count, int bound) {
    int[] values = new int[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(bound);
    }
    return values;
  }

  /** An operand that holds the values. */
  public Span input(double... values) {
    Span span = output(values.length);
    for (int i = 0; i < values.length; i++) {
      arena.array()[span.offset() + i] = (float) values[i];
    }
    span.upload();
    return span;
  }

  /** An operand that holds whole numbers. */
  public Span input(int... values) {
    Span span = output(values.length);
    for (int i = 0; i < values.length; i++) {
      arena.array()[span.offset() + i] = values[i];
    }
    span.upload();
    return span;
  }

  /** A matrix whose rows lie {@code stride} floats apart; the rest of each row is poisoned gap. */
  public Span matrix(double[] values, int columns, int stride) {
    int rows = values.length / columns;
    Span span = emptyMatrix(rows, columns, stride);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        arena.array()[span.offset() + row * stride + column] =
            (float) values[row * columns + column];
      }
    }
    span.upload();
    return span;
  }

  /** A poisoned matrix whose rows lie {@code stride} floats apart. */
  public Span emptyMatrix(int rows, int columns, int stride) {
    Span span = arena.span(next, (rows - 1) * stride + columns);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        owned[span.offset() + row * stride + column] = true;
      }
    }
    next += span.length() + GAP;
    touched = Math.max(touched, next);
    return span;
  }

  /** A poisoned operand. */
  public Span output(int length) {
    return emptyMatrix(1, length, length);
  }

  /** Records and runs. */
  public void run(Consumer<CommandRecorder> operations) {
    record(operations).run();
  }

  /** Records. */
  public CommandBuffer record(Consumer<CommandRecorder> operations) {
    CommandRecorder recorder = memory.record("workbench");
    operations.accept(recorder);
    return recorder.finish();
  }

  /** What an operand holds. */
  public double[] read(Span span) {
    return read(span, span.length(), span.length());
  }

  /** What a strided matrix holds, without the gaps. */
  public double[] read(Span span, int columns, int stride) {
    span.download();
    int rows = (span.length() - columns) / stride + 1;
    double[] values = new double[rows * columns];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        float value = arena.array()[span.offset() + row * stride + column];
        values[row * columns + column] = value;
        checksum = checksum * CHECKSUM_FACTOR + Float.floatToRawIntBits(value);
      }
    }
    return values;
  }

  /** Tells apart the bits of what was read since the bench was cleared. */
  public long checksum() {
    return checksum;
  }

  /** Offsets outside all operands that were written to. */
  public List<Integer> damage() {
    arena.span(0, arena.size()).download();
    List<Integer> offsets = new ArrayList<>();
    for (int i = 0; i < arena.size(); i++) {
      if (!owned[i] && Float.floatToRawIntBits(arena.array()[i]) != POISON) {
        offsets.add(i);
      }
    }
    if (!offsets.isEmpty()) {
      touched = arena.size();
    }
    return offsets;
  }
}
