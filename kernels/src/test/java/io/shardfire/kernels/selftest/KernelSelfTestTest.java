package io.shardfire.kernels.selftest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelSelfTestTest {
  @Test
  void shouldPassOnThisDevice() {
    ComputeContext context = ComputeContext.open(ComputeDevice.select("auto"));
    List<CheckResult> results = KernelSelfTest.run(context);
    assertEquals(85, results.size());
    for (CheckResult result : results) {
      assertTrue(result.ok(), result::toString);
    }
  }
}
