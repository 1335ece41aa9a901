package io.shardfire.kernels.bench;

import io.shardfire.kernels.bench.Measurement.Unit;
import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AdamW;
import io.shardfire.kernels.ops.ColumnSum;
import io.shardfire.kernels.ops.CrossEntropy;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.kernels.ops.Gelu;
import io.shardfire.kernels.ops.LayerNorm;
import io.shardfire.kernels.ops.SquareSum;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Times every operation at the shapes of common models, after the ceilings: the multiply-add peak,
 * the bandwidth of a copy and the throughput of exp. Operations that are bound by memory get more
 * than last-level caches hold, so that it is memory that is measured. Needs a heap of at least
 * {@value #HEAP_MEBIBYTES} MiB. Not thread-safe.
 */
public final class KernelBenchmark {
  /** Heap the benchmark needs. */
  public static final int HEAP_MEBIBYTES = 700;

  private static final int FLOATS = 64_000_000;

  /** Floats of one operand of an operation that is bound by memory: 48 MiB. */
  static final int ELEMENTS = 12 * 1024 * 1024;

  private static final int PARAMETERS = 10_000_000;

  /**
   * Least work of a launch: some milliseconds of products in bf16, a hundred times what it costs.
   */
  private static final double LAUNCH_FLOPS = 4e9;

  private static final int EXP_CHAINS = 8;
  private static final long KEY = 7;

  private final DeviceMemory memory;
  private final Arena arena;
  private final Arena copied;

  private final ComputeContext context;
  private final Stopwatch stopwatch;
  private final KernelForm form;
  private final Predicate<String> chosen;
  private final Consumer<Measurement> listener;
  private OffsetAllocator offsets = new OffsetAllocator();

  private KernelBenchmark(
      ComputeContext context,
      int repetitions,
      Predicate<String> chosen,
      Consumer<Measurement> listener) {
    this.context = context;
    memory = context.newMemory();
    arena = memory.allocate("benchmark", FLOATS);
    copied = memory.allocate("copy", 2 * ELEMENTS);
    form = context.form();
    stopwatch = new Stopwatch(repetitions, context::nanosOf);
    this.chosen = chosen;
    this.listener = listener;
  }

  /** All measurements, the ceilings first. */
  public static List<Measurement> run(ComputeContext context, int repetitions) {
    List<Measurement> measurements = new ArrayList<>();
    run(context, repetitions, operation -> true, measurements::add);
    return measurements;
  }

  /**
   * Measures the ceilings and the chosen operations, and hands each measurement to the listener as
   * soon as it is there.
   *
   * @param chosen tells by its name whether to measure an operation
   */
  public static void run(
      ComputeContext context,
      int repetitions,
      Predicate<String> chosen,
      Consumer<Measurement> listener) {
    if (repetitions < 1) {
      throw new IllegalArgumentException(
          "repetitions must be at least 1: repetitions=" + repetitions);
    }
    new KernelBenchmark(context, repetitions, chosen, listener).measureAll();
  }

  private void measureAll() {
    fillWithNoise();
    ceilings();
    ProductBenchmark products = new ProductBenchmark(this);
    products.measureAll();
    new AttentionBenchmark(this).measureAll();
    layerNorm(16_384, 768);
    elementwise();
    embedding(16_384, 256, 768, 50_257);
    crossEntropy(512, 50_257, 50_304);
    adamW();
    new RowBenchmark(this).measureAll();
    new BufferBenchmark(this).measureAll();
    products.measureStreamed();
  }

  /** Replaces whatever the operations so far have written. */
  void fillWithNoise() {
    SplittableRandom random = new SplittableRandom(1);
    for (Arena written : List.of(arena, copied)) {
      float[] array = written.array();
      for (int i = 0; i < written.size(); i++) {
        array[i] = (float) random.nextDouble() - 0.5f;
      }
      written.span(0, written.size()).upload();
    }
  }

  /** Whether shapes that keep a GPU busy are measured too. */
  boolean large() {
    return form == KernelForm.GPU;
  }

  Span span(long floats) {
    return arena.span(offsets.allocate("benchmark", floats), Math.toIntExact(floats));
  }

  /** Forgets the spans so far and records one operation over new ones. */
  CommandBuffer record(Consumer<CommandRecorder> operation) {
    CommandRecorder recorder = memory.record("benchmark");
    operation.accept(recorder);
    offsets = new OffsetAllocator();
    return recorder.finish();
  }

  private void ceilings() {
    MultiplyAddPeak peak = new MultiplyAddPeak(context);
    String wide = peak.chains() + " floats wide";
    listener.accept(
        stopwatch.ceiling("multiply-add peak", wide, peak.flops(), Unit.GFLOP, peak::run));
    Span x = copied.span(0, ELEMENTS);
    Span y = copied.span(ELEMENTS, ELEMENTS);
    CommandBuffer copy = record(recorder -> Elementwise.copy(recorder, x, y));
    double bytes = 2.0 * Float.BYTES * ELEMENTS;
    listener.accept(stopwatch.ceiling("copy", "" + ELEMENTS, bytes, Unit.GB, copy::run));
    int tiles = MultiplyAddPeak.tiles(context);
    Span sums = span(tiles);
    CommandBuffer exp =
        record(
            recorder ->
                recorder.add(
                    Command.of(Opcode.EXP_PEAK, tiles)
                        .write(sums)
                        .integer(MultiplyAddPeak.ROUNDS)
                        .real(1f)));
    double count = (double) EXP_CHAINS * peak.chains() * MultiplyAddPeak.ROUNDS * tiles;
    listener.accept(stopwatch.ceiling("exp peak", wide, count, Unit.GEXP, exp::run));
  }

  /**
   * Measures an operation whose floor is set by floating-point operations. Little work is recorded
   * several times, each a phase of its own, as in a step: alone it would measure the launch, which
   * {@link LaunchOverhead} does.
   */
  void flops(
      String operation, Object shape, double count, Consumer<CommandRecorder> recordOperation) {
    int operations = (int) Math.ceil(LAUNCH_FLOPS / count);
    CommandBuffer commands =
        record(
            recorder -> {
              for (int i = 0; i < operations; i++) {
                recordOperation.accept(recorder);
              }
            });
    measure(operation, shape, count, Unit.GFLOP, 0, commands, operations);
  }

  /** Measures an operation whose floor is set by the floats that it reads and writes. */
  void floats(String operation, Object shape, double count, CommandBuffer commands) {
    floats(operation, shape, count, 0, commands);
  }

  /** The same, where exponentials may take longer. */
  void floats(
      String operation, Object shape, double count, double exponentials, CommandBuffer commands) {
    floats(operation, shape, count, exponentials, commands, 1);
  }

  /** The same, of a buffer that holds the operation several times, over operands of their own. */
  void floats(
      String operation,
      Object shape,
      double count,
      double exponentials,
      CommandBuffer commands,
      int operations) {
    measure(operation, shape, count * Float.BYTES, Unit.GB, exponentials, commands, operations);
  }

  private void measure(
      String operation,
      Object shape,
      double work,
      Unit unit,
      double exponentials,
      CommandBuffer commands,
      int operations) {
    if (chosen.test(operation)) {
      listener.accept(
          stopwatch.measure(
              operation,
              String.valueOf(shape),
              work,
              unit,
              exponentials,
              commands::run,
              operations));
    }
  }

  Dropout.Mask mask(float rate) {
    Span key = span(Dropout.KEY_FLOATS);
    Dropout.writeKey(key, KEY);
    return new Dropout.Mask(rate, key, 1);
  }

  private void layerNorm(int rows, int width) {
    long count = (long) rows * width;
    Span x = span(count);
    Span y = span(count);
    Span dx = span(count);
    Span weight = span(width);
    Span bias = span(width);
    Span dweight = span(width);
    Span dbias = span(width);
    Span stats = span(2L * rows);
    CommandBuffer forward =
        record(
            recorder -> LayerNorm.forward(recorder, rows, width, 1e-5f, x, weight, bias, y, stats));
    CommandBuffer backward =
        record(
            recorder ->
                LayerNorm.backward(
                    recorder, rows, width, x, weight, stats, y, dx, true, dweight, dbias, false));
    floats("LayerNorm.forward", rows + "x" + width, 2.0 * count, forward);
    floats("LayerNorm.backward", rows + "x" + width, 6.0 * count, backward);
  }

  private void elementwise() {
    Span x = span(ELEMENTS);
    Span y = span(ELEMENTS);
    Span z = span(ELEMENTS);
    Span xy = arena.span(x.offset(), 2 * ELEMENTS);
    Span sums = span(ELEMENTS);
    Dropout.Mask mask = mask(0.1f);
    int columns = 1024;
    CommandBuffer add = record(recorder -> Elementwise.add(recorder, x, y, z));
    CommandBuffer gelu = record(recorder -> Gelu.forward(recorder, x, y));
    CommandBuffer geluBackward = record(recorder -> Gelu.backward(recorder, x, y, z));
    CommandBuffer dropout = record(recorder -> Dropout.forward(recorder, mask, x, null, y));
    CommandBuffer squareSum = record(recorder -> SquareSum.record(recorder, xy, sums));
    CommandBuffer columnSum =
        record(
            recorder ->
                ColumnSum.record(recorder, ELEMENTS / columns, columns, x, columns, sums, false));
    floats("Elementwise.add", ELEMENTS, 3.0 * ELEMENTS, add);
    floats("Gelu.forward", ELEMENTS, 2.0 * ELEMENTS, ELEMENTS, gelu);
    floats("Gelu.backward", ELEMENTS, 3.0 * ELEMENTS, ELEMENTS, geluBackward);
    floats("Dropout", ELEMENTS, 2.0 * ELEMENTS, dropout);
    floats("SquareSum", xy.length(), xy.length(), squareSum);
    floats("ColumnSum", ELEMENTS / columns + "x" + columns, ELEMENTS, columnSum);
  }

  private void embedding(int rows, int time, int width, int vocabulary) {
    Span ids = span(rows);
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < rows; i++) {
      arena.array()[ids.offset() + i] = random.nextInt(vocabulary);
    }
    ids.upload();
    Span tokens = span((long) vocabulary * width);
    Span positions = span((long) time * width);
    Span x = span((long) rows * width);
    CommandBuffer forward =
        record(
            recorder -> Embedding.forward(recorder, rows, time, width, ids, tokens, positions, x));
    CommandBuffer backward =
        record(
            recorder ->
                Embedding.backward(recorder, rows, time, width, ids, x, tokens, positions, false));
    double count = (double) rows * width;
    floats("Embedding.forward", rows + "x" + width, 2 * count, forward);
    floats("Embedding.backward", rows + "x" + width, 4 * count, backward);
  }

  private void crossEntropy(int rows, int vocabulary, int stride) {
    Span logits = span((long) rows * stride);
    Span targets = span(rows);
    Span losses = span(rows);
    for (int row = 0; row < rows; row++) {
      arena.array()[targets.offset() + row] = row;
    }
    targets.upload();
    CommandBuffer forward =
        record(
            recorder ->
                CrossEntropy.forward(recorder, rows, vocabulary, logits, stride, targets, losses));
    CommandBuffer both =
        record(
            recorder ->
                CrossEntropy.forwardBackward(
                    recorder, rows, vocabulary, logits, stride, targets, losses, 1f / rows));
    double count = (double) rows * vocabulary;
    floats("CrossEntropy.forward", rows + "x" + vocabulary, count, count, forward);
    floats("CrossEntropy", rows + "x" + vocabulary, 2 * count, count, both);
  }

  private void adamW() {
    Span p = span(PARAMETERS);
    Span g = span(PARAMETERS);
    Span m = span(PARAMETERS);
    Span v = span(PARAMETERS);
    Span step = span(AdamW.STEP_FLOATS);
    float[] array = arena.array();
    for (int i = 0; i < PARAMETERS; i++) {
      array[v.offset() + i] = Math.abs(array[v.offset() + i]);
    }
    float[] scalars = {1e-3f, 0.1f, 0.05f, 1f};
    System.arraycopy(scalars, 0, array, step.offset(), scalars.length);
    v.upload();
    step.upload();
    AdamW.Group group = new AdamW.Group(0.9f, 0.95f, 1e-8f, 0.1f);
    CommandBuffer commands = record(recorder -> AdamW.record(recorder, group, p, g, m, v, step));
    floats("AdamW", PARAMETERS, 7.0 * PARAMETERS, commands);
  }
}
