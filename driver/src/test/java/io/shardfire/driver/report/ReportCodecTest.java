package io.shardfire.driver.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.sharding.transport.ControlMessage;
import io.shardfire.worker.train.LossScale;
import io.shardfire.worker.train.TrainingListener.StartReport;
import io.shardfire.worker.train.TrainingListener.StepReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportCodecTest {
  @Test
  void shouldReadWhatItWrote() {
    List<RankReport> reports =
        List.of(
            new RankReport.Started(
                "3", 99, new StartReport(1, "h", "d", 1L << 40, 2, 3, 4, 5, 6, 7, 8)),
            new RankReport.Stepped(
                new StepReport(1, Double.NaN, 1e-4, 0.1, 64, 0.5, 0, 0, null, false)),
            new RankReport.Stepped(
                new StepReport(
                    2,
                    1.5,
                    1e-4,
                    Double.POSITIVE_INFINITY,
                    64,
                    0.5,
                    0,
                    0,
                    new LossScale(0x1p100f, 3, 4),
                    true)),
            new RankReport.Evaluated(1, Double.POSITIVE_INFINITY),
            new RankReport.Checkpointed(100, "s3a://bucket/run/step-00000100"),
            new RankReport.Failed("h", "1", 7, FailureKind.PEER, "E", "line\n\"two\"", "trace"));
    for (RankReport report : reports) {
      assertEquals(report, ReportCodec.decode(ReportCodec.encode(2, 1, report)));
    }
  }

  @Test
  void shouldCarryGenerationRankAndKind() {
    ControlMessage message = ReportCodec.encode(2, 1, new RankReport.Evaluated(5, 1.5));

    assertEquals(new ControlMessage(2, 1, "evaluation", "{\"step\":5,\"loss\":1.5}"), message);
  }

  @Test
  void shouldRefuseWhatItDoesNotKnow() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ReportCodec.decode(new ControlMessage(0, 1, "gossip", "{}")));
    assertEquals(
        "Unknown kind of report: kind=gossip, rank=1; do all executors run the driver's version?",
        e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> ReportCodec.decode(new ControlMessage(0, 1, "evaluation", "{\"step\":5}")));
    assertThrows(
        IllegalArgumentException.class,
        () -> ReportCodec.decode(new ControlMessage(0, 1, "evaluation", "{\"step\":5,")));
  }
}
