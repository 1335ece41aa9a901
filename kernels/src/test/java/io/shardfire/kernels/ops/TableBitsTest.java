package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/**
 * Tables that the host computes are part of a model: their bits, all of them, on any machine. The
 * sums were taken once; they change with the tables of models that were trained before.
 */
class TableBitsTest {
  private static final int FLOATS = 2048 * 62;

  private final Span table =
      ComputeContext.open(ComputeDevice.select("auto"))
          .newMemory()
          .allocate("table", FLOATS)
          .span(0, FLOATS);

  @Test
  void shouldWriteRotaryTables() {
    Rope.writeTable(table, 62, 10_000);
    assertEquals("1acb4ae0", sum(table));
  }

  @Test
  void shouldWriteSinusoids() {
    Positions.writeSinusoids(table, 62, 10_000);
    assertEquals("3c0ce103", sum(table));
  }

  @Test
  void shouldComputeSlopes() {
    CRC32C sum = new CRC32C();
    for (int heads = 1; heads <= 48; heads++) {
      for (float slope : Alibi.slopes(heads)) {
        add(sum, slope);
      }
    }
    assertEquals("988c465e", Long.toHexString(sum.getValue()));
  }

  @Test
  void shouldComputeBuckets() {
    CRC32C sum = new CRC32C();
    for (int count = 4; count <= 64; count += 4) {
      RelativeBias.Buckets buckets = new RelativeBias.Buckets(count, 4 * count, count % 8 == 0);
      for (int distance = -5 * count; distance <= 5 * count; distance++) {
        add(sum, buckets.bucket(distance));
      }
    }
    assertEquals("d93abebb", Long.toHexString(sum.getValue()));
  }

  private static String sum(Span table) {
    CRC32C sum = new CRC32C();
    Arena arena = table.arena();
    for (int i = 0; i < table.length(); i++) {
      add(sum, arena.array()[table.offset() + i]);
    }
    return Long.toHexString(sum.getValue());
  }

  private static void add(CRC32C sum, float value) {
    sum.update(ByteBuffer.allocate(Float.BYTES).putFloat(0, value));
  }
}
