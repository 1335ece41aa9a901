package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TileUseTest {
  @Test
  void shouldUseTilesUnlessToldNotTo() {
    assertTrue(TileUse.allowed(null));
    assertTrue(TileUse.allowed("auto"));
    assertFalse(TileUse.allowed("off"));
  }

  @Test
  void shouldRefuseOtherSettings() {
    assertEquals(
        "The use of the processor's matrix unit must be auto or off: shardfire.kernels.tiles=no",
        assertThrows(ComputeException.class, () -> TileUse.allowed("no")).getMessage());
  }

  @Test
  void shouldNotUseTilesWhereTheyAreTurnedOff() {
    ComputeContext context = ComputeContext.open(ComputeDevice.select("auto"));
    assertFalse(context.withoutTiles().tiles());
    DeviceRecord record = context.record();
    assertFalse(context.withoutTiles().with(record).tiles());
    DeviceRecord compiled = record.with(Tunable.NORM_ROWS, record.value(Tunable.NORM_ROWS) + 1);
    assertFalse(context.withoutTiles().with(compiled).tiles());
  }
}
