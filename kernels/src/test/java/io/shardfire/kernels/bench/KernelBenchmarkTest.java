package io.shardfire.kernels.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelBenchmarkTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));

  @Test
  void shouldMeasureTheCeilingsFirst() {
    List<Measurement> measurements = KernelBenchmark.run(CONTEXT, 1);
    assertEquals("multiply-add peak", measurements.get(0).operation());
    assertEquals(1.0, measurements.get(0).shareOfCeiling());
    assertEquals("copy", measurements.get(1).operation());
    assertEquals("exp peak", measurements.get(2).operation());
    assertEquals(134, measurements.size());
    for (Measurement measurement : measurements) {
      assertTrue(measurement.bestSeconds() <= measurement.medianSeconds(), measurement::toString);
      assertTrue(measurement.bestRate() > 0, measurement::toString);
      assertTrue(measurement.floorSeconds() > 0, measurement::toString);
    }
  }

  @Test
  void shouldMeasureWhatIsChosen() {
    List<Measurement> measurements = new ArrayList<>();
    KernelBenchmark.run(CONTEXT, 1, operation -> operation.startsWith("Gelu"), measurements::add);
    assertEquals(
        List.of("multiply-add peak", "copy", "exp peak", "Gelu.forward", "Gelu.backward"),
        measurements.stream().map(Measurement::operation).toList());
  }

  @Test
  void shouldRefuseToMeasureNothing() {
    assertEquals(
        "repetitions must be at least 1: repetitions=0",
        assertThrows(IllegalArgumentException.class, () -> KernelBenchmark.run(CONTEXT, 0))
            .getMessage());
  }
}
