package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
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

  /** SHA-256 of every weight file of a checkpoint, by name. */
  SortedMap<String, String> weights(long step) {
    SortedMap<String, String> hashes = new TreeMap<>();
    for (Path file : files(step(step))) {
      String name = file.getFileName().toString();
      if (name.startsWith("model") && name.endsWith(".safetensors")) {
        hashes.put(name, sha256(file));
      }
    }
    assertTrue(!hashes.isEmpty(), () -> "no weight files in " + step(step));
    return hashes;
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

  private static String sha256(Path file) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
