package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.selftest.AttentionChecks;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.FlashAttentionChecks;
import io.shardfire.kernels.selftest.FlashAttentionChecks.Variant;
import io.shardfire.kernels.selftest.Workbench;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention with heads that fill no whole vector, next to heads that do. */
class AttentionHeadSizeTest {
  private static final int BENCH_FLOATS = 3_000_000;
  private static AttentionChecks checks;
  private static FlashAttentionChecks flash;

  @BeforeAll
  static void openDevice() {
    Workbench bench =
        new Workbench(ComputeContext.open(ComputeDevice.select("auto")), BENCH_FLOATS, 45);
    checks = new AttentionChecks(bench);
    flash = new FlashAttentionChecks(bench);
  }

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 51, 3, 9",
    "1, 83, 2, 17",
    "2, 70, 2, 20",
    "1, 140, 3, 33",
    "1, 300, 2, 63",
    "1, 300, 2, 65",
    "1, 131, 2, 96",
    "1, 77, 2, 100",
    "1, 143, 2, 127",
    "1, 143, 2, 129",
    "1, 101, 3, 250",
    "1, 70, 2, 255"
  })
  void shouldAttend(int batch, int time, int heads, int headSize) {
    Attention.Shape shape = new Attention.Shape(batch, time, heads, headSize);
    assertOk(checks.attention(shape, false));
    assertOk(checks.attention(shape, true));
  }

  @ParameterizedTest
  @CsvSource({"11, 3, 9", "19, 3, 33", "13, 2, 100", "9, 2, 250"})
  void shouldDecodeLikeTheForwardPass(int time, int heads, int headSize) {
    assertOk(checks.attentionDecode(time, heads, headSize));
  }

  @ParameterizedTest
  @CsvSource({
    "2, 41, 67, 4, 2, 20",
    "1, 61, 33, 3, 1, 33",
    "1, 130, 70, 4, 2, 80",
    "2, 33, 77, 2, 1, 100",
    "1, 37, 101, 2, 2, 250"
  })
  void shouldMaskAndGroup(int batch, int queries, int keys, int heads, int kvHeads, int headSize) {
    AttentionShape shape = new AttentionShape(batch, queries, keys, heads, kvHeads, headSize);
    for (boolean causal : new boolean[] {false, true}) {
      assertOk(flash.attention(shape, new Variant(causal, 0, false, 0, false, false), 0));
      assertOk(flash.attention(shape, new Variant(causal, 21, true, 0, true, true), 3));
    }
    assertOk(flash.weights(shape, new Variant(true, 20, true, 0, true, false)));
  }

  @ParameterizedTest
  @CsvSource({"2, 90, 20, 30", "1, 150, 33, 40", "1, 150, 100, 33"})
  void shouldKeepDocumentsApart(int batch, int time, int headSize, int document) {
    AttentionShape shape = new AttentionShape(batch, time, time, 4, 2, headSize);
    assertOk(flash.attention(shape, new Variant(true, 0, false, document, false, false), 0));
    assertOk(flash.attention(shape, new Variant(false, 0, true, document, true, true), 2));
  }
}
