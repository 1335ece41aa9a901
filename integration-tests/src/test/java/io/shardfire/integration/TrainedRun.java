package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a run left in its folder. */
record TrainedRun(Path folder) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The folder of a checkpoint. */
  Path step(long step) {
    return folder.resolve(String.format(Locale.ROOT, "step-%08d", step));
  }

  /** What a checkpoint holds. */
  CheckpointFiles checkpoint(long step) {
    return new CheckpointFiles(step(step));
  }

  /** Checkpoint folders that were begun and never committed. */
  List<Path> uncommitted() {
    return files(folder).stream()
        .filter(f -> f.getFileName().toString().startsWith("step-"))
        .filter(f -> !Files.exists(f.resolve("manifest.json")))
        .toList();
  }

  /**
   * The last value of a field of the metrics, by step; a step repeated after a restart counts once.
   */
  SortedMap<Long, String> metric(String event, String field) {
    SortedMap<Long, String> values = new TreeMap<>();
    try {
      for (Path file : metricFiles()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode node = JSON.readTree(line);
          if (event.equals(node.path("event").asText())) {
            values.put(node.get("step").asLong(), node.get(field).asText());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertTrue(!values.isEmpty(), () -> "no " + event + " in the metrics of " + folder);
    return values;
  }

  private List<Path> metricFiles() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList();
    }
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted(Comparator.naturalOrder()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
