package io.shardfire.driver.monitor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.driver.plan.RunFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The losses of a run, as its {@link MetricsLog} has them. Of a step that was repeated after a
 * restart or a resume the last line counts; one that was skipped, whose loss may be no number, is
 * left out. Immutable.
 *
 * @param steps ascending
 * @param evaluations ascending
 */
public record TrainingHistory(List<Step> steps, List<Evaluation> evaluations) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A step.
   *
   * @param loss of the global batch, in nats a token
   * @param tokens of the global batch
   * @param seconds how long it took
   */
  public record Step(long step, double loss, long tokens, double seconds) {}

  /**
   * An evaluation on the validation split.
   *
   * @param step the steps before it
   * @param loss in nats a token
   */
  public record Evaluation(long step, double loss) {}

  /** Copies the lists. */
  public TrainingHistory {
    steps = List.copyOf(steps);
    evaluations = List.copyOf(evaluations);
  }

  /**
   * Reads the metrics of a run folder, whether the run goes on or not.
   *
   * @throws IOException when there are none, or a line is damaged that is not the last of its part;
   *     the last may be one that a killed process did not finish
   */
  public static TrainingHistory read(Configuration hadoop, Path run) throws IOException {
    FileSystem files = run.getFileSystem(hadoop);
    Path folder = new Path(run, RunFolder.METRICS);
    SortedMap<Long, Step> steps = new TreeMap<>();
    SortedMap<Long, Evaluation> evaluations = new TreeMap<>();
    for (Path part : parts(files, folder)) {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(files.open(part), StandardCharsets.UTF_8))) {
        String line = lines.readLine();
        for (int number = 1; line != null; number++) {
          String next = lines.readLine();
          take(parse(part, number, line, next == null), steps, evaluations);
          line = next;
        }
      }
    }
    if (steps.isEmpty()) {
      throw new IOException(
          "No step of a run has been recorded here; name a run folder of pretrain that has trained:"
              + " metrics="
              + folder);
    }
    return new TrainingHistory(List.copyOf(steps.values()), List.copyOf(evaluations.values()));
  }

  private static void take(
      JsonNode event, Map<Long, Step> steps, Map<Long, Evaluation> evaluations) {
    long step = event.path("step").asLong();
    double loss = event.path("loss").asDouble();
    switch (event.path("event").asText()) {
      case "step" -> {
        if (!event.path("skipped").asBoolean()) {
          steps.put(
              step,
              new Step(
                  step, loss, event.path("tokens").asLong(), event.path("seconds").asDouble()));
        }
      }
      case "evaluation" -> evaluations.put(step, new Evaluation(step, loss));
      default -> {
        // Other events say nothing of losses.
      }
    }
  }

  private static List<Path> parts(FileSystem files, Path folder) throws IOException {
    if (!files.exists(folder)) {
      return List.of();
    }
    return Arrays.stream(files.listStatus(folder))
        .map(FileStatus::getPath)
        .filter(MetricsLog::isPart)
        .sorted()
        .toList();
  }

  private static JsonNode parse(Path part, int number, String line, boolean last)
      throws IOException {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      if (last) {
        return JSON.createObjectNode();
      }
      throw new IOException(
          "Not a line of metrics: file="
              + part
              + ", line="
              + number
              + ", reason="
              + e.getOriginalMessage(),
          e);
    }
  }
}
