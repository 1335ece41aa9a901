package io.shardfire.worker.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.architecture.ModelConfiguration;
import org.junit.jupiter.api.Test;

class GenerationBenchmarkTest {
  private static final ComputeContext COMPUTE = ComputeContext.open(ComputeDevice.select("cpu"));
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(1, 2, 32, 16).vocabularySize(65).build();

  @Test
  void shouldTimePromptsAndSteps() {
    GenerationBenchmark.Result result =
        new GenerationBenchmark(COMPUTE, MODEL, WeightFormat.FP32, 9, 4).run(2);
    assertEquals(2, result.batch());
    assertTrue(result.promptTokensPerSecond() > 0, result.toString());
    assertEquals(2 * result.stepsPerSecond(), result.decodedTokensPerSecond());
    // The table of tokens, a block, and two vectors of the last norm; not the table of positions.
    assertEquals(4.0 * (65 * 32 + 12 * 32 * 32 + 13 * 32 + 2 * 32), result.weightBytes());
    // Keys and values of 32 floats for each of two sequences: 9 tokens, 3 of the warm-up, and two.
    assertEquals(4.0 * 2 * 2 * 32 * 14, result.cacheBytes());
    assertTrue(result.shareOfCopyBandwidth() > 0, result.toString());
    assertTrue(result.shareWithCache() > result.shareOfCopyBandwidth(), result.toString());
  }

  @Test
  void shouldRefuseWhatDoesNotFit() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new GenerationBenchmark(COMPUTE, MODEL, WeightFormat.FP32, 9, 5));
    assertTrue(e.getMessage().endsWith("promptTokens=9, steps=5, context=16"), e.getMessage());
  }
}
