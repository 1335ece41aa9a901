package io.shardfire.sharding.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Every file of a checkpoint with size in bytes and SHA-256 in lower-case hex; written last.
 *
 * @param runId of the run that wrote it; empty in version 1, which knew of none
 */
public record Manifest(int formatVersion, long step, String runId, List<Entry> files) {
  /** The version that is written here; it and the one before are read. */
  public static final int VERSION = 2;

  private static final int WITHOUT_RUN_ID = 1;

  /** Name of the manifest in the folder of a checkpoint. */
  public static final String FILE = "manifest.json";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Checks and copies. */
  public Manifest {
    files = List.copyOf(files);
    Objects.requireNonNull(runId, "runId");
    if (!isKnown(formatVersion) || step < 0) {
      throw new IllegalArgumentException(
          "Manifest of an unknown version or step: expected formatVersion="
              + VERSION
              + ", actual formatVersion="
              + formatVersion
              + ", step="
              + step);
    }
    Set<String> names = new HashSet<>();
    for (Entry entry : files) {
      if (!names.add(entry.name())) {
        throw new IllegalArgumentException("Manifest lists a file twice: file=" + entry.name());
      }
    }
  }

  /** One file, by its name in the folder. */
  public record Entry(String name, long bytes, String sha256) {
    /** Checks. */
    public Entry {
      checkName(name);
      if (bytes < 0 || !sha256.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException(
            "Bad size or hash: file=" + name + ", bytes=" + bytes + ", sha256=" + sha256);
      }
    }
  }

  /** Rejects what is not a plain visible name of a file in the folder of the checkpoint. */
  static void checkName(String name) {
    if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*") || name.equals(FILE)) {
      throw new IllegalArgumentException(
          "A checkpoint file has a plain name, other than " + FILE + ": file=" + name);
    }
  }

  private static boolean isKnown(int version) {
    return version == VERSION || version == WITHOUT_RUN_ID;
  }

  /** As JSON. */
  String json() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Manifest cannot be written as JSON", e);
    }
  }

  /** Parses. @throws CheckpointException naming the file and what is wrong */
  static Manifest parse(String file, String json) {
    try {
      JsonNode root = JSON.readTree(json);
      int version = root.path("formatVersion").asInt(-1);
      if (!isKnown(version)) {
        throw new CheckpointException(
            "Checkpoint manifest of another format version: file="
                + file
                + ", expected="
                + VERSION
                + ", actual="
                + (root.has("formatVersion") ? root.get("formatVersion") : "none")
                + "; use the Shardfire version that wrote it");
      }
      if (version == WITHOUT_RUN_ID && root instanceof ObjectNode manifest) {
        manifest.put("runId", "");
      }
      return JSON.treeToValue(root, Manifest.class);
    } catch (JsonProcessingException e) {
      Throwable cause = e.getCause() instanceof IllegalArgumentException ? e.getCause() : e;
      throw new CheckpointException(
          "Checkpoint manifest is damaged: file=" + file + ", problem=" + cause.getMessage(), e);
    }
  }
}
