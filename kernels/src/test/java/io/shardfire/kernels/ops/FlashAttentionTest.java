package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.FlashAttentionChecks;
import io.shardfire.kernels.selftest.FlashAttentionChecks.Variant;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention of every shape and mask against its reference, with guard zones around operands. */
class FlashAttentionTest {
  private static final int BENCH_FLOATS = 3_000_000;
  private static FlashAttentionChecks checks;

  @BeforeAll
  static void openDevice() {
    checks =
        new FlashAttentionChecks(
            new Workbench(ComputeContext.open(ComputeDevice.select("auto")), BENCH_FLOATS, 43));
  }

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 1, 8",
    "2, 1, 5, 2, 1, 16",
    "1, 5, 1, 2, 2, 24",
    "2, 7, 13, 4, 2, 8",
    "2, 37, 37, 6, 3, 40",
    "1, 100, 49, 3, 1, 72",
    "2, 49, 130, 2, 2, 64",
    "1, 129, 129, 2, 1, 128",
    "1, 67, 150, 1, 1, 256",
    "1, 300, 520, 2, 1, 32",
    "1, 520, 300, 1, 1, 136",
  })
  void shouldAttendToOtherSequences(
      int batch, int queries, int keys, int heads, int kvHeads, int headSize) {
    AttentionShape shape = new AttentionShape(batch, queries, keys, heads, kvHeads, headSize);
    for (boolean causal : new boolean[] {false, true}) {
      for (boolean padded : new boolean[] {false, true}) {
        assertOk(checks.attention(shape, new Variant(causal, 0, padded, 0, false, false), 0));
        assertOk(checks.attention(shape, new Variant(causal, 0, padded, 0, true, true), 3));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 8, 1",
    "2, 5, 16, 2",
    "1, 65, 64, 7",
    "1, 131, 32, 1",
    "1, 300, 64, 64",
    "1, 700, 16, 100",
    "1, 200, 136, 33",
    "1, 1031, 8, 300",
    "1, 50, 8, 1000"
  })
  void shouldSlideAWindow(int batch, int time, int headSize, int window) {
    for (boolean causal : new boolean[] {false, true}) {
      for (AttentionShape shape :
          List.of(
              AttentionShape.self(batch, time, 2, headSize),
              new AttentionShape(batch, (time + 1) / 2, time, 2, 1, headSize))) {
        assertOk(checks.attention(shape, new Variant(causal, window, false, 0, false, false), 0));
        assertOk(checks.attention(shape, new Variant(causal, window, true, 0, true, true), 1));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 8, 1",
    "2, 5, 16, 2",
    "1, 65, 64, 7",
    "1, 300, 64, 64",
    "2, 300, 40, 129",
    "1, 700, 16, 100",
    "1, 200, 136, 33",
    "1, 1031, 8, 300"
  })
  void shouldKeepDocumentsApart(int batch, int time, int headSize, int document) {
    for (boolean causal : new boolean[] {false, true}) {
      AttentionShape shape = new AttentionShape(batch, time, time, 4, 2, headSize);
      assertOk(checks.attention(shape, new Variant(causal, 0, false, document, false, false), 0));
      assertOk(checks.attention(shape, new Variant(causal, 0, true, document, true, true), 2));
    }
  }
}
