package io.shardfire.kernels.tuning;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;
import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.Adafactor;
import io.shardfire.kernels.ops.AdamW;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.kernels.ops.Gated;
import io.shardfire.kernels.ops.Gelu;
import io.shardfire.kernels.ops.LayerNorm;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatVec;
import io.shardfire.kernels.ops.RmsNorm;
import io.shardfire.kernels.ops.Rope;
import io.shardfire.kernels.ops.SquareSum;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * The operations that a tunable matters to, at the shapes of a layer with some hundred dims, over
 * an arena of one context. R rows, C = width.
 */
final class TuningOperations {
  private static final int FLOATS = 8_000_000;
  private static final int CONSTANTS = 10_000;
  private static final int ELEMENTS = 1 << 20;
  private static final int FEW_ELEMENTS = 100_000;
  private static final int CHAIN = 16;
  private static final int ROWS = 1024;
  private static final int WIDTH = 768;
  private static final int HEADS = 12;
  private static final int TIME = 256;
  private static final int VOCABULARY = 500;
  private static final float EPSILON = 1e-5f;

  private final DeviceMemory memory;
  private final Arena arena;

  /** What operations read by meaning, out of reach of other operations' results. */
  private final Arena constants;

  private final OffsetAllocator constantOffsets = new OffsetAllocator();
  private final Map<Tunable, List<CommandBuffer>> recorded = new EnumMap<>(Tunable.class);
  private OffsetAllocator offsets = new OffsetAllocator();

  TuningOperations(ComputeContext context) {
    memory = context.newMemory();
    arena = memory.allocate("tuning", FLOATS);
    constants = memory.allocate("constants", CONSTANTS);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < arena.size(); i++) {
      arena.array()[i] = (float) random.nextDouble();
    }
  }

  List<CommandBuffer> of(Tunable tunable) {
    List<CommandBuffer> operations = recorded.get(tunable);
    if (operations == null) {
      operations = record(tunable);
      recorded.put(tunable, operations);
      offsets = new OffsetAllocator();
    }
    return operations;
  }

  private List<CommandBuffer> record(Tunable tunable) {
    return switch (tunable) {
      case GROUPS_PER_COMPUTE_UNIT -> {
        List<CommandBuffer> mixed = new ArrayList<>(layer(WIDTH / 4));
        mixed.add(add());
        mixed.addAll(norms());
        yield mixed;
      }
      case MATMUL_TILE_PANELS, MATMUL_BLOCK_ROWS, MATMUL_LARGEST_TILE_ROWS -> layer(WIDTH / 2);
      case MATMUL_SMALLEST_TILE_ROWS -> layer(WIDTH / 8);
      case MATMUL_STREAMED_ROWS -> fewRows();
      case MATVEC_TILE_PANELS -> List.of(matVec(MatMul.Layout.NN, 4 * WIDTH, WIDTH));
      case MATVEC_B_ROWS -> List.of(matVec(MatMul.Layout.NT, 4 * WIDTH, WIDTH));
      case ELEMENTS_PER_TILE -> elements();
      case NORM_ROWS -> norms();
      case GATED_ROWS -> List.of(gated());
      case ROPE_ROWS -> List.of(rope());
      case ADAFACTOR_ROWS -> List.of(adafactor());
      case EMBEDDING_ROWS -> List.of(embedding());
      case SQUARE_SUM_BLOCKS_PER_TILE -> List.of(squareSum());
    };
  }

  private Span span(long floats) {
    return arena.span(offsets.allocate("tuning", floats), Math.toIntExact(floats));
  }

  private Span constants(float... values) {
    int offset = constantOffsets.allocate("constants", values.length);
    System.arraycopy(values, 0, constants.array(), offset, values.length);
    return constants.span(offset, values.length);
  }

  private MatMul.Matrix matrix(int rows, int columns) {
    return new MatMul.Matrix(span((long) rows * columns), columns);
  }

  private CommandBuffer record(Consumer<CommandRecorder> operation) {
    CommandRecorder recorder = memory.record("tuning");
    operation.accept(recorder);
    return recorder.finish();
  }

  /** A linear layer that widens three times: forward, and both gradients. */
  private List<CommandBuffer> layer(int width) {
    return List.of(
        matMul(MatMul.Layout.NN, ROWS, 3 * width, width),
        matMul(MatMul.Layout.NT, ROWS, width, 3 * width),
        matMul(MatMul.Layout.TN, width, 3 * width, ROWS));
  }

  private List<CommandBuffer> fewRows() {
    List<CommandBuffer> products = new ArrayList<>();
    for (int rows : new int[] {1, 2, 3, 4, 6, 8, 12, 16}) {
      products.add(matMul(MatMul.Layout.NN, rows, WIDTH, WIDTH));
    }
    return products;
  }

  private CommandBuffer matMul(MatMul.Layout layout, int m, int n, int k) {
    MatMul.Matrix a = layout == MatMul.Layout.TN ? matrix(k, m) : matrix(m, k);
    MatMul.Matrix b = layout == MatMul.Layout.NT ? matrix(n, k) : matrix(k, n);
    MatMul.Matrix c = matrix(m, n);
    return record(
        recorder -> MatMul.record(recorder, layout, a, b, c, m, n, k, MatMul.Epilogue.NONE));
  }

  private CommandBuffer matVec(MatMul.Layout layout, int n, int k) {
    MatMul.Matrix a = matrix(1, k);
    MatMul.Matrix b = layout == MatMul.Layout.NT ? matrix(n, k) : matrix(k, n);
    MatMul.Matrix c = matrix(1, n);
    return record(
        recorder -> MatVec.record(recorder, layout, a, b, c, 1, n, k, MatMul.Epilogue.NONE));
  }

  private CommandBuffer add() {
    Span a = span(ELEMENTS);
    Span b = span(ELEMENTS);
    Span sum = span(ELEMENTS);
    return record(recorder -> Elementwise.add(recorder, a, b, sum));
  }

  /** Operations that wait for each other, as in the step of a small model: large tiles lose. */
  private CommandBuffer chain() {
    Span x = span(FEW_ELEMENTS);
    Span y = span(FEW_ELEMENTS);
    return record(
        recorder -> {
          for (int i = 0; i < CHAIN; i++) {
            Gelu.forward(recorder, i % 2 == 0 ? x : y, i % 2 == 0 ? y : x);
          }
        });
  }

  private List<CommandBuffer> elements() {
    Span x = span(ELEMENTS);
    Span y = span(ELEMENTS);
    CommandBuffer gelu = record(recorder -> Gelu.forward(recorder, x, y));
    Span parameters = span(ELEMENTS);
    Span gradients = span(ELEMENTS);
    Span firstMoment = span(ELEMENTS);
    Span secondMoment = span(ELEMENTS);
    Span step = constants(1e-3f, 0.1f, 0.05f, 1f);
    AdamW.Group group = new AdamW.Group(0.9f, 0.95f, 1e-8f, 0.1f);
    CommandBuffer adamW =
        record(
            recorder ->
                AdamW.record(
                    recorder, group, parameters, gradients, firstMoment, secondMoment, step));
    return List.of(gelu, adamW, chain());
  }

  private List<CommandBuffer> norms() {
    int count = ROWS * WIDTH;
    Span x = span(count);
    Span y = span(count);
    Span weight = span(WIDTH);
    Span bias = span(WIDTH);
    Span stats = span(2L * ROWS);
    return List.of(
        record(
            recorder ->
                LayerNorm.forward(recorder, ROWS, WIDTH, EPSILON, x, weight, bias, y, stats)),
        record(recorder -> RmsNorm.forward(recorder, ROWS, WIDTH, EPSILON, x, weight, y, stats)));
  }

  private CommandBuffer gated() {
    Span x = span(2L * ROWS * WIDTH);
    Span y = span((long) ROWS * WIDTH);
    return record(recorder -> Gated.forward(recorder, Activation.Function.SILU, ROWS, WIDTH, x, y));
  }

  private CommandBuffer rope() {
    int headSize = WIDTH / HEADS;
    Rope.Shape shape = new Rope.Shape(ROWS, TIME, HEADS, headSize, headSize, Rope.Pairing.HALVES);
    MatMul.Matrix x = matrix(ROWS, WIDTH);
    MatMul.Matrix y = matrix(ROWS, WIDTH);
    Span table = span((long) TIME * headSize);
    return record(recorder -> Rope.forward(recorder, shape, x, table, null, y));
  }

  private CommandBuffer adafactor() {
    Adafactor.Group group = new Adafactor.Group(1e-30f, 1e-3f, 1f, 0f, true);
    int count = ROWS * WIDTH;
    Adafactor.State state =
        new Adafactor.State(ROWS, WIDTH, span(count), span(count), span(ROWS), span(WIDTH));
    Span step = constants(1e-3f, 0.99f, 1f);
    Span scratch = span(Adafactor.scratchFloats(ROWS));
    return record(recorder -> Adafactor.record(recorder, group, state, step, scratch));
  }

  private CommandBuffer embedding() {
    float[] tokensOfRows = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      tokensOfRows[row] = row % VOCABULARY;
    }
    Span ids = constants(tokensOfRows);
    Span tokens = span((long) VOCABULARY * WIDTH);
    Span positions = span((long) TIME * WIDTH);
    Span out = span((long) ROWS * WIDTH);
    return record(
        recorder -> Embedding.forward(recorder, ROWS, TIME, WIDTH, ids, tokens, positions, out));
  }

  private CommandBuffer squareSum() {
    Span x = span(ELEMENTS);
    Span out = span(2L * ELEMENTS / SquareSum.BLOCK);
    return record(recorder -> SquareSum.record(recorder, x, out));
  }
}
