package io.shardfire.kernels.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import org.junit.jupiter.api.Test;

class LaunchOverheadTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("cpu"));

  @Test
  void shouldTimeLaunchesAndPhases() {
    ComputeContext.Launches before = CONTEXT.launches();
    LaunchOverhead overhead = LaunchOverhead.measure(CONTEXT, 3);
    assertTrue(overhead.launchSeconds() >= 0, overhead.toString());
    assertTrue(overhead.phaseSeconds() >= 0, overhead.toString());
    // Once to warm up and three times timed.
    ComputeContext.Launches after = CONTEXT.launches();
    assertEquals(4 * 3, after.launches() - before.launches());
    assertEquals(4 * (1 + 4096 + 8192), after.phases() - before.phases());
  }

  @Test
  void shouldAddUpLaunchesAndPhases() {
    assertEquals(7.0, new LaunchOverhead(2, 0.5).seconds(3, 2));
  }

  @Test
  void shouldRefuseToMeasureNothing() {
    assertEquals(
        "repetitions must be at least 1: repetitions=0",
        assertThrows(IllegalArgumentException.class, () -> LaunchOverhead.measure(CONTEXT, 0))
            .getMessage());
  }
}
