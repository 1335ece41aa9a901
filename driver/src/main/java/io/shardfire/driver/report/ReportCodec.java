package io.shardfire.driver.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardfire.sharding.transport.ControlMessage;
import java.util.Arrays;

/**
 * Reports as control messages: {@code kind} is one of {@code started}, {@code step}, {@code
 * evaluation}, {@code checkpoint}, {@code failed}, {@code json} the record's components. Only these
 * records are ever built from what arrives. Thread-safe.
 */
public final class ReportCodec {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  private ReportCodec() {}

  /** Writes a report of one rank. */
  public static ControlMessage encode(int generation, int rank, RankReport report) {
    try {
      return new ControlMessage(
          generation, rank, Kind.of(report).label, JSON.writeValueAsString(report));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A report cannot be written as JSON: report=" + report, e);
    }
  }

  /**
   * Reads a report.
   *
   * @throws IllegalArgumentException when the kind is unknown or the JSON does not fit it
   */
  public static RankReport decode(ControlMessage message) {
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(candidate -> candidate.label.equals(message.kind()))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Unknown kind of report: kind="
                            + message.kind()
                            + ", rank="
                            + message.rank()
                            + "; do all executors run the driver's version?"));
    try {
      return JSON.readValue(message.json(), kind.type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "A report does not fit its kind: kind="
              + message.kind()
              + ", rank="
              + message.rank()
              + "; do all executors run the driver's version?",
          e);
    }
  }

  private enum Kind {
    STARTED("started", RankReport.Started.class),
    STEP("step", RankReport.Stepped.class),
    EVALUATION("evaluation", RankReport.Evaluated.class),
    CHECKPOINT("checkpoint", RankReport.Checkpointed.class),
    FAILED("failed", RankReport.Failed.class);

    private final String label;
    private final Class<? extends RankReport> type;

    Kind(String label, Class<? extends RankReport> type) {
      this.label = label;
      this.type = type;
    }

    static Kind of(RankReport report) {
      return Arrays.stream(values())
          .filter(kind -> kind.type.isInstance(report))
          .findFirst()
          .orElseThrow();
    }
  }
}
