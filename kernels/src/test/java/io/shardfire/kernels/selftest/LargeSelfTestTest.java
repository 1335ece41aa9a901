package io.shardfire.kernels.selftest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import java.util.List;
import org.junit.jupiter.api.Test;

class LargeSelfTestTest {
  @Test
  void shouldPassOnThisDevice() {
    ComputeContext context = ComputeContext.open(ComputeDevice.select("auto"));
    List<CheckResult> results = LargeSelfTest.run(context);
    assertEquals(66, results.size());
    for (CheckResult result : results) {
      assertTrue(result.ok(), result::toString);
    }
  }
}
