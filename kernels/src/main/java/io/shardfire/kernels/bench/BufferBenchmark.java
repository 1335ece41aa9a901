package io.shardfire.kernels.bench;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Adafactor;
import io.shardfire.kernels.ops.FiniteCheck;
import io.shardfire.kernels.ops.HalfPrecision;
import io.shardfire.kernels.ops.Lion;
import io.shardfire.kernels.ops.Scale;
import io.shardfire.kernels.ops.Sgd;
import io.shardfire.kernels.ops.TreeSum;

/** Times optimizers and the operations on whole buffers. */
final class BufferBenchmark {
  private static final int PARAMETERS = 10_000_000;
  private static final int ELEMENTS = KernelBenchmark.ELEMENTS;
  private static final int ROWS = 32_768;
  private static final int COLUMNS = 768;
  private static final int BUFFERS = 8;
  private static final int BUFFER_FLOATS = 4 * 1024 * 1024;

  private final KernelBenchmark bench;

  BufferBenchmark(KernelBenchmark bench) {
    this.bench = bench;
  }

  void measureAll() {
    optimizers();
    adafactor();
    buffers();
    for (HalfPrecision.Format format : HalfPrecision.Format.values()) {
      halfPrecision(format);
    }
  }

  private void optimizers() {
    Span p = bench.span(PARAMETERS);
    Span g = bench.span(PARAMETERS);
    Span m = bench.span(PARAMETERS);
    Span step = scalars(1e-3f, 1f);
    Sgd.Group sgd = new Sgd.Group(0.9f, 0f, true);
    Lion.Group lion = new Lion.Group(0.9f, 0.99f, 0.1f);
    CommandBuffer sgdStep = bench.record(recorder -> Sgd.record(recorder, sgd, p, g, m, step));
    CommandBuffer lionStep = bench.record(recorder -> Lion.record(recorder, lion, p, g, m, step));
    bench.floats("Sgd", PARAMETERS, 5.0 * PARAMETERS, sgdStep);
    bench.floats("Lion", PARAMETERS, 5.0 * PARAMETERS, lionStep);
  }

  private Span scalars(float... values) {
    Span span = bench.span(values.length);
    System.arraycopy(values, 0, span.arena().array(), span.offset(), values.length);
    span.upload();
    return span;
  }

  /** Reads the gradient four times and the parameters twice. */
  private void adafactor() {
    Span p = bench.span((long) ROWS * COLUMNS);
    Span g = bench.span((long) ROWS * COLUMNS);
    Span rowMoment = bench.span(ROWS);
    Span columnMoment = bench.span(COLUMNS);
    Span step = scalars(1e-3f, 0.99f, 1f);
    Span scratch = bench.span(Adafactor.scratchFloats(ROWS));
    for (Span moment : new Span[] {rowMoment, columnMoment}) {
      float[] array = moment.arena().array();
      for (int i = 0; i < moment.length(); i++) {
        array[moment.offset() + i] = 1f;
      }
      moment.upload();
    }
    Adafactor.Group group = new Adafactor.Group(1e-30f, 1e-3f, 1f, 0f, true);
    Adafactor.State state = new Adafactor.State(ROWS, COLUMNS, p, g, rowMoment, columnMoment);
    CommandBuffer commands =
        bench.record(recorder -> Adafactor.record(recorder, group, state, step, scratch));
    bench.floats("Adafactor", ROWS + "x" + COLUMNS, 7.0 * ROWS * COLUMNS, commands);
  }

  private void buffers() {
    Span x = bench.span((long) BUFFERS * BUFFER_FLOATS);
    Span y = bench.span(ELEMENTS);
    Span first = x.slice(0, ELEMENTS);
    Span sum = y.slice(0, BUFFER_FLOATS);
    Span scratch = bench.span(FiniteCheck.scratchFloats(x.length()));
    Span result = bench.span(FiniteCheck.RESULT_FLOATS);
    CommandBuffer scale = bench.record(recorder -> Scale.byConstant(recorder, first, 0.5f, y));
    CommandBuffer check =
        bench.record(recorder -> FiniteCheck.record(recorder, x, scratch, result));
    CommandBuffer treeSum =
        bench.record(recorder -> TreeSum.ofStrided(recorder, x, BUFFERS, BUFFER_FLOATS, sum));
    bench.floats("Scale", ELEMENTS, 2.0 * ELEMENTS, scale);
    bench.floats("FiniteCheck", x.length(), x.length(), check);
    bench.floats(
        "TreeSum", BUFFERS + "x" + BUFFER_FLOATS, (BUFFERS + 1.0) * BUFFER_FLOATS, treeSum);
  }

  private void halfPrecision(HalfPrecision.Format format) {
    Span x = bench.span(ELEMENTS);
    Span words = bench.span(HalfPrecision.words(ELEMENTS));
    CommandBuffer pack = bench.record(recorder -> HalfPrecision.pack(recorder, format, x, words));
    CommandBuffer unpack =
        bench.record(recorder -> HalfPrecision.unpack(recorder, format, words, x));
    bench.floats("HalfPrecision.pack", format + " " + ELEMENTS, 1.5 * ELEMENTS, pack);
    bench.floats("HalfPrecision.unpack", format + " " + ELEMENTS, 1.5 * ELEMENTS, unpack);
  }
}
