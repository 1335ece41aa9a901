package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.FlashAttentionChecks;
import io.shardfire.kernels.selftest.FlashAttentionChecks.Variant;
import io.shardfire.kernels.selftest.Workbench;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Attention whose products have operands in bf16, against the reference, and by the best unit of
 * the processor against vectors, to the bit. GPU forms compute it in fp32.
 */
class Bf16AttentionTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));
  private static final int BENCH_FLOATS = 1_500_000;
  private static final int SEED = 47;

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 1, 8",
    "2, 5, 1, 2, 2, 24",
    "2, 37, 37, 6, 3, 40",
    "2, 49, 130, 2, 2, 64",
    "1, 129, 129, 2, 1, 128",
    "1, 67, 150, 1, 1, 256",
    "1, 300, 520, 2, 1, 32",
    "1, 260, 130, 1, 1, 136",
  })
  void shouldAttendInOneOrder(
      int batch, int queries, int keys, int heads, int kvHeads, int headSize) {
    AttentionShape shape = new AttentionShape(batch, queries, keys, heads, kvHeads, headSize);
    for (Variant variant :
        List.of(
            Variant.FULL,
            Variant.CAUSAL,
            new Variant(true, 21, true, 0, true, true),
            new Variant(false, 0, true, queries == keys ? 29 : 0, true, false))) {
      List<Long> checksums = new ArrayList<>();
      for (ComputeContext context : List.of(CONTEXT, CONTEXT.withVectors())) {
        Workbench bench = new Workbench(context, BENCH_FLOATS, SEED);
        CheckResult result =
            new FlashAttentionChecks(bench).attention(shape, variant, 3, Precision.BF16);
        assertTrue(result.ok(), result::toString);
        checksums.add(bench.checksum());
      }
      assertEquals(checksums.get(0), checksums.get(1), shape.toString() + variant);
    }
  }
}
