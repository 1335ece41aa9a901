package io.shardfire.worker.objective;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;

/** The fields of a batch, without a model that reads them. */
public final class HostBatch {
  private static final int FLOATS = 1 << 14;

  /** One for all, since the native layer keeps every array for the life of the JVM. */
  private static final Arena ARENA =
      ComputeContext.open(ComputeDevice.select("cpu")).newMemory().allocate("batch", FLOATS);

  private int used;

  private HostBatch() {}

  /** Fields filled with what no objective writes, in the place of those asked for before. */
  public static BatchSpans of(BatchForm form) {
    return BatchSpans.of(form, new HostBatch()::span);
  }

  private Span span(int length) {
    Span span = ARENA.span(used, length);
    used += length;
    span.fill(0, length, Float.NaN);
    return span;
  }

  /** A field's values as whole numbers. */
  public static int[] whole(Span span, int from, int length) {
    int[] values = new int[length];
    for (int i = 0; i < length; i++) {
      values[i] = Math.toIntExact((long) exact(span.get(from + i)));
    }
    return values;
  }

  private static float exact(float value) {
    if (value != Math.rint(value)) {
      throw new IllegalStateException("Not a whole number: value=" + value);
    }
    return value;
  }
}
