package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Tunable;
import org.junit.jupiter.api.Test;

class ComputeFingerprintTest {
  /** A device record changes no bit, so another context with another one has the same print. */
  @Test
  void shouldBeThatOfTheBitsAlone() {
    ComputeContext one = ComputeContext.open(ComputeDevice.select("cpu"));
    int groups = one.record().value(Tunable.GROUPS_PER_COMPUTE_UNIT);
    ComputeContext other = one.with(one.record().with(Tunable.GROUPS_PER_COMPUTE_UNIT, groups + 1));
    assertNotSame(one, other);
    String fingerprint = ComputeFingerprint.of(one);
    assertTrue(fingerprint.matches("[0-9a-f]{16}"), fingerprint);
    assertEquals(fingerprint, ComputeFingerprint.of(other));
  }
}
