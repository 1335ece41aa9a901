package io.shardfire.driver.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.driver.monitor.TrainingHistory.Evaluation;
import io.shardfire.driver.monitor.TrainingHistory.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainingHistoryTest {
  @TempDir Path run;

  @Test
  void shouldCountTheLastLineOfAStep() throws IOException {
    try (MetricsLog log = log()) {
      step(log, 1, 5);
      step(log, 2, 4);
      evaluation(log, 2, 4.5);
      step(log, 3, 9);
      // Restarted at step 2.
      log.write("restart", Map.of("fromStep", 2));
      step(log, 3, 3);
    }
    try (MetricsLog resumed = log()) {
      evaluation(resumed, 2, 4.25);
      step(resumed, 3, 2.5);
      step(resumed, 4, 2);
    }

    TrainingHistory history = read();

    assertEquals(
        List.of(
            new Step(1, 5, 64, 0.5),
            new Step(2, 4, 64, 0.5),
            new Step(3, 2.5, 64, 0.5),
            new Step(4, 2, 64, 0.5)),
        history.steps());
    assertEquals(List.of(new Evaluation(2, 4.25)), history.evaluations());
  }

  @Test
  void shouldLeaveOutStepsThatWereSkipped() throws IOException {
    try (MetricsLog log = log()) {
      step(log, 1, 5);
      log.write("step", Map.of("step", 2, "loss", Double.NaN, "skipped", true));
      log.write(
          "step", Map.of("step", 3, "loss", 4, "tokens", 64, "seconds", 0.5, "skipped", false));
    }

    assertEquals(List.of(new Step(1, 5, 64, 0.5), new Step(3, 4, 64, 0.5)), read().steps());
  }

  @Test
  void shouldReadUpToALineThatWasNotFinished() throws IOException {
    write("part-00000.jsonl", line(1) + "\n" + line(2).substring(0, 20));
    write("part-00001.jsonl", line(3) + "\n");

    assertEquals(List.of(1L, 3L), read().steps().stream().map(Step::step).toList());
  }

  @Test
  void shouldNameADamagedLine() throws IOException {
    write("part-00000.jsonl", line(1) + "\n{\"event\": ste\n" + line(3) + "\n");

    String message = assertThrows(IOException.class, this::read).getMessage();

    assertEquals(
        "Not a line of metrics: file=file:"
            + run.resolve("metrics/part-00000.jsonl")
            + ", line=2, reason=",
        message.substring(0, message.indexOf("reason=") + 7));
  }

  @Test
  void shouldTellWhereNothingWasRecorded() {
    assertEquals(
        "No step of a run has been recorded here; name a run folder of pretrain that has trained:"
            + " metrics="
            + run.resolve("metrics"),
        assertThrows(IOException.class, this::read).getMessage());
  }

  private TrainingHistory read() throws IOException {
    return TrainingHistory.read(new Configuration(false), path());
  }

  private MetricsLog log() throws IOException {
    return MetricsLog.open(new Configuration(false), path(), new ManualClock());
  }

  private org.apache.hadoop.fs.Path path() {
    return new org.apache.hadoop.fs.Path(run.toString());
  }

  private void write(String part, String text) throws IOException {
    Files.writeString(Files.createDirectories(run.resolve("metrics")).resolve(part), text);
  }

  private static String line(int step) {
    return "{\"event\":\"step\",\"step\":" + step + ",\"loss\":2.0,\"tokens\":64,\"seconds\":0.5}";
  }

  private static void step(MetricsLog log, long step, double loss) throws IOException {
    log.write("step", Map.of("step", step, "loss", loss, "tokens", 64, "seconds", 0.5));
  }

  private static void evaluation(MetricsLog log, long step, double loss) throws IOException {
    log.write("evaluation", Map.of("step", step, "loss", loss));
  }
}
