package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ProductUnitTest {
  @Test
  void shouldUseAnyUnitUnlessToldNotTo() {
    assertTrue(ProductUnit.allAllowed(null));
    assertTrue(ProductUnit.allAllowed("auto"));
    assertFalse(ProductUnit.allAllowed("vectors"));
  }

  @Test
  void shouldRefuseOtherSettings() {
    assertEquals(
        "What computes products in bf16 must be auto or vectors: shardfire.kernels.unit=no",
        assertThrows(ComputeException.class, () -> ProductUnit.allAllowed("no")).getMessage());
  }

  @Test
  void shouldUseVectorsWhereOthersAreTurnedOff() {
    ComputeContext context = ComputeContext.open(ComputeDevice.select("auto"));
    ComputeContext vectors = context.withVectors();
    assertEquals(ProductUnit.VECTORS, vectors.unit());
    DeviceRecord record = context.record();
    assertEquals(ProductUnit.VECTORS, vectors.with(record).unit());
    DeviceRecord compiled = record.with(Tunable.NORM_ROWS, record.value(Tunable.NORM_ROWS) + 1);
    assertEquals(ProductUnit.VECTORS, vectors.with(compiled).unit());
    assertEquals(context.unit(), context.with(compiled).unit());
  }
}
