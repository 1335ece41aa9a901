package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.StoredMatrixChecks;
import io.shardfire.kernels.selftest.Workbench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Matrices that are read in bf16, against the same unpacked first: the same bits. */
class StoredMatrixTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));
  private final Workbench bench = new Workbench(CONTEXT, 4_000_000, 41);
  private final StoredMatrixChecks checks = new StoredMatrixChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  /**
   * Odd and even rows, several tiles and blocks of the depth, few rows that would be streamed, and
   * rows of which tiles pack B themselves and of which they do not.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "1, 150, 30",
    "3, 450, 790",
    "5, 3, 7",
    "13, 38, 40",
    "33, 17, 33",
    "61, 450, 790",
    "64, 64, 64",
    "70, 1037, 423",
    "97, 800, 384",
    "300, 97, 423",
    "300, 640, 402",
    "1030, 256, 66",
  })
  void shouldMultiplyAsUnpacked(int m, int n, int k) {
    for (Precision precision : Precision.values()) {
      assertOk(checks.product(precision, MatMul.Layout.NN, m, n, k));
      assertOk(checks.product(precision, MatMul.Layout.NT, m, n, k));
    }
  }

  /** Columns of numbers below the normal ones, and of what is not finite, which stays in them. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void shouldTreatSpecialNumbersAlike(Precision precision) {
    int m = 40;
    int n = 300;
    int k = 70;
    int[] special = {0x0001, 0x8001, 0x007f, 0x0080, 0x7f80, 0xff80, 0x7f81, 0x7fc0, 0x7f7f};
    for (MatMul.Layout layout : new MatMul.Layout[] {MatMul.Layout.NN, MatMul.Layout.NT}) {
      boolean transposed = layout == MatMul.Layout.NT;
      bench.clear();
      int[] halves = new int[n * k];
      for (int i = 0; i < halves.length; i++) {
        int column = transposed ? i / k : i % n;
        int row = transposed ? i % k : i / n;
        int own = special[column % special.length];
        boolean all = column % special.length < 4;
        halves[i] = all || row % 32 == 5 ? own : 0x3f00 + column + row;
      }
      MatMul.Matrix a = new MatMul.Matrix(bench.input(bench.values(m * k)), k);
      Span words = words(halves);
      Span unpacked = bench.output(n * k);
      MatMul.Matrix b = new MatMul.Matrix(unpacked, transposed ? k : n);
      MatMul.Matrix direct = new MatMul.Matrix(bench.output(m * n), n);
      MatMul.Matrix expected = new MatMul.Matrix(bench.output(m * n), n);
      long floats = MatMul.scratchFloats(precision, m, n, k, MatMul.Batch.ONE);
      Span scratch = floats == 0 ? null : bench.output((int) floats);
      StoredMatrix stored = StoredMatrix.bf16(words, transposed ? n : k, transposed ? k : n);
      MatMul.Epilogue none = MatMul.Epilogue.NONE;
      bench.run(
          recorder -> {
            HalfPrecision.unpack(recorder, HalfPrecision.Format.BF16, words, unpacked);
            MatMul.record(
                recorder,
                precision,
                layout,
                a,
                b,
                expected,
                m,
                n,
                k,
                none,
                MatMul.Batch.ONE,
                scratch);
            MatMul.record(recorder, precision, layout, a, stored, direct, m, n, k, none, scratch);
          });
      assertArrayEquals(bench.read(expected.span()), bench.read(direct.span()));
    }
  }

  private Span words(int... halves) {
    Span words = bench.output(HalfPrecision.words(halves.length));
    for (int i = 0; i < halves.length; i += 2) {
      int high = i + 1 < halves.length ? halves[i + 1] : 0;
      words.set(i / 2, Float.intBitsToFloat(high << 16 | halves[i]));
    }
    words.upload();
    return words;
  }

  @Test
  void shouldMultiplyByFloatsToo() {
    MatMul.Matrix a = new MatMul.Matrix(bench.input(1, 2, 3, 4, 5, 6), 3);
    Span b = bench.input(1, 0, 2, 0, 1, 3);
    MatMul.Matrix c = new MatMul.Matrix(bench.output(4), 2);
    StoredMatrix stored = StoredMatrix.floats(b, 2, 3);
    bench.run(
        recorder ->
            MatMul.record(
                recorder,
                Precision.FP32,
                MatMul.Layout.NT,
                a,
                stored,
                c,
                2,
                2,
                3,
                MatMul.Epilogue.NONE,
                null));
    assertArrayEquals(new double[] {7, 11, 16, 23}, bench.read(c.span()));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1",
    "11, 5, 37, 7",
    "301, 50, 87, 31",
    "17, 17, 64, 20",
    "600, 100, 768, 401"
  })
  void shouldLookUpAsUnpacked(int rows, int time, int width, int vocabulary) {
    assertOk(checks.embedding(rows, time, width, vocabulary));
  }

  /** The last word of an odd number of numbers has room for one that is not there. */
  @Test
  void shouldShowATokenOutsideTheTable() {
    StoredMatrix table = StoredMatrix.bf16(words(0x3f80, 0x4000, 0x4040), 3, 1);
    Span ids = bench.input(2, 3, 0, -1);
    Span out = bench.output(4);
    bench.run(recorder -> Embedding.forward(recorder, 4, 4, ids, table, null, out));
    assertArrayEquals(new double[] {3, Double.NaN, 1, Double.NaN}, bench.read(out));
  }

  @Test
  void shouldCheckSizes() {
    Span floats = bench.output(100);
    Span words = floats.slice(0, 7);
    assertEquals(
        "StoredMatrix: span is too short: length=7, needed=8, arena=workbench, offset="
            + words.offset(),
        failure(() -> StoredMatrix.bf16(words, 3, 5)));
    assertEquals(
        "StoredMatrix: columns must be at least 1: columns=0",
        failure(() -> StoredMatrix.floats(floats, 3, 0)));
    StoredMatrix b = StoredMatrix.bf16(floats.slice(0, 8), 3, 5);
    assertEquals(8, b.whole().length());
    assertEquals(
        "MatMul.NN: b.rows must be 4: b.rows=3",
        failure(() -> multiply(MatMul.Layout.NN, b, floats, 2, 5, 4)));
    assertEquals(
        "MatMul.NT: b.columns must be 4: b.columns=5",
        failure(() -> multiply(MatMul.Layout.NT, b, floats, 2, 3, 4)));
    assertEquals(
        "MatMul.TN: layout must be NN or NT: layout=TN",
        failure(() -> multiply(MatMul.Layout.TN, b, floats, 2, 5, 3)));
    assertEquals(
        "MatMul.NN: b and c must not overlap: b=" + b.span() + ", c=" + floats.slice(7, 10),
        failure(
            () ->
                MatMul.record(
                    null,
                    Precision.FP32,
                    MatMul.Layout.NN,
                    new MatMul.Matrix(floats.slice(20, 6), 3),
                    b,
                    new MatMul.Matrix(floats.slice(7, 10), 5),
                    2,
                    5,
                    3,
                    MatMul.Epilogue.NONE,
                    null)));
    assertEquals(
        "Embedding.forward: out and tokens must not overlap: out="
            + floats.slice(4, 10)
            + ", tokens="
            + b.span(),
        failure(
            () ->
                Embedding.forward(null, 2, 1, floats.slice(50, 2), b, null, floats.slice(4, 10))));
  }

  private static void multiply(
      MatMul.Layout layout, StoredMatrix b, Span floats, int m, int n, int k) {
    MatMul.Matrix a = new MatMul.Matrix(floats.slice(20, 20), Math.max(m, k));
    MatMul.Matrix c = new MatMul.Matrix(floats.slice(40, 20), n);
    MatMul.record(null, Precision.FP32, layout, a, b, c, m, n, k, MatMul.Epilogue.NONE, null);
  }

  private static String failure(Runnable operation) {
    return assertThrows(IllegalArgumentException.class, operation::run).getMessage();
  }
}
