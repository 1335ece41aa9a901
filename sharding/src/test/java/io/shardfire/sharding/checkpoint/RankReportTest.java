package io.shardfire.sharding.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RankReportTest {
  private static final RankReport REPORT =
      RankReport.done(List.of(new Manifest.Entry("model.safetensors", 5, "0f".repeat(32))));

  @Test
  void shouldRoundTrip() {
    assertEquals(REPORT, RankReport.parse(3, REPORT.toBytes()));
    assertEquals(RankReport.working(), RankReport.parse(3, RankReport.working().toBytes()));
    RankReport failed = RankReport.failed(new IllegalStateException("x".repeat(100_000)));
    assertEquals(failed, RankReport.parse(3, failed.toBytes()));
    assertEquals(4000, failed.failure().length());
  }

  @Test
  void shouldNameTheRankOfADamagedReport() {
    byte[] good = REPORT.toBytes();
    byte[] manyFiles = good.clone();
    manyFiles[3] = 0x7F;
    byte[] badStatus = good.clone();
    badStatus[0] = 3;
    for (byte[] bytes :
        List.of(new byte[0], Arrays.copyOf(good, good.length - 1), manyFiles, badStatus)) {
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> RankReport.parse(3, bytes));
      assertTrue(e.getMessage().contains("rank=3, bytes=" + bytes.length), e.getMessage());
    }
  }
}
