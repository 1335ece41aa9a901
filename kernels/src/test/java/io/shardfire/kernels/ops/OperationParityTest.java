package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.selftest.AttentionChecks;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.ElementwiseChecks;
import io.shardfire.kernels.selftest.MatMulChecks;
import io.shardfire.kernels.selftest.MatMulChecks.Extra;
import io.shardfire.kernels.selftest.RowChecks;
import io.shardfire.kernels.selftest.Workbench;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every operation against its reference, from the smallest sizes over odd ones to many tiles. */
class OperationParityTest {
  private static final int BENCH_FLOATS = 3_000_000;
  private static MatMulChecks products;
  private static AttentionChecks attention;
  private static ElementwiseChecks elementwise;
  private static RowChecks activations;

  @BeforeAll
  static void openDevice() {
    ComputeContext context = ComputeContext.open(ComputeDevice.select("auto"));
    Workbench bench = new Workbench(context, BENCH_FLOATS, 42);
    products = new MatMulChecks(bench);
    attention = new AttentionChecks(bench);
    elementwise = new ElementwiseChecks(bench);
    activations = new RowChecks(bench);
  }

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 0",
    "1, 7, 3, 0",
    "7, 1, 9, 5",
    "2, 16, 8, 0",
    "3, 17, 385, 1",
    "5, 47, 193, 0",
    "6, 48, 384, 0",
    "13, 49, 31, 2",
    "97, 33, 769, 0",
    "101, 97, 101, 3",
    "11, 1031, 13, 0",
    "1031, 11, 13, 7",
    "521, 151, 400, 0",
  })
  void shouldMultiplyMatrices(int m, int n, int k, int padding) {
    for (MatMul.Layout layout : MatMul.Layout.values()) {
      for (Extra extra : Extra.values()) {
        assertOk(products.matMul(layout, m, n, k, padding, extra));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 8",
    "2, 2, 3, 8",
    "1, 5, 2, 16",
    "2, 7, 1, 24",
    "2, 37, 3, 32",
    "1, 49, 2, 40",
    "1, 64, 1, 64",
    "1, 100, 2, 72",
    "1, 129, 1, 80",
    "1, 100, 1, 128",
    "1, 67, 1, 136",
    "1, 150, 1, 256",
    "1, 257, 2, 16",
    "1, 511, 1, 64",
    "1, 1024, 1, 32",
    "1, 4099, 1, 8",
  })
  void shouldAttend(int batch, int time, int heads, int headSize) {
    Attention.Shape shape = new Attention.Shape(batch, time, heads, headSize);
    assertOk(attention.attention(shape, false));
    assertOk(attention.attention(shape, true));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 8", "5, 3, 16", "37, 2, 40", "530, 1, 64"})
  void shouldDecodeLikeTheForwardPass(int time, int heads, int headSize) {
    assertOk(attention.attentionDecode(time, heads, headSize));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 8191, 8192, 8193, 65_536, 65_537, 200_003})
  void shouldDropOut(int length) {
    assertOk(elementwise.dropout(length));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 8", "3, 5", "8, 16", "9, 17", "37, 33", "100, 768", "5, 1601", "1000, 3"})
  void shouldNormaliseLayers(int rows, int width) {
    assertOk(activations.layerNorm(rows, width, false));
    assertOk(activations.layerNorm(rows, width, true));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 15, 16, 17, 8192, 8195, 100_001})
  void shouldWorkElementByElement(int length) {
    assertOk(elementwise.elementwise(length));
    assertOk(elementwise.gelu(length));
    assertOk(elementwise.adamW(length));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 0", "3, 7, 2", "100, 16, 0", "7, 33, 5", "1025, 50, 0", "2, 3000, 1"})
  void shouldSumColumns(int rows, int columns, int padding) {
    assertOk(products.columnSum(rows, columns, padding, false));
    assertOk(products.columnSum(rows, columns, padding, true));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 16, 17, 50, 333})
  void shouldSumSquares(int blocks) {
    assertOk(elementwise.squareSum(blocks));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1", "3, 3, 5, 2", "37, 10, 16, 3", "64, 32, 33, 7", "200, 100, 257, 50"})
  void shouldEmbed(int rows, int time, int width, int vocabulary) {
    assertOk(activations.embedding(rows, time, width, vocabulary, false));
    assertOk(activations.embedding(rows, time, width, vocabulary, true));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 0",
    "2, 2, 1",
    "4, 7, 9",
    "5, 8, 0",
    "6, 65, 15",
    "9, 101, 11",
    "7, 50257, 47"
  })
  void shouldMeasureCrossEntropy(int rows, int vocabulary, int padding) {
    assertOk(activations.crossEntropy(rows, vocabulary, padding));
  }

  @ParameterizedTest
  @EnumSource(MatMul.Layout.class)
  void shouldMultiplyManyTiles(MatMul.Layout layout) {
    assertOk(products.matMul(layout, 1037, 770, 259, 0, Extra.NONE));
  }
}
