package io.shardfire.sharding.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Every file of a checkpoint with size in bytes and SHA-256 in lower-case hex; written last. */
public record Manifest(int formatVersion, long step, List<Entry> files) {
  /** The version that is written and read here. */
  public static final int VERSION = 1;

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
    if (formatVersion != VERSION || step < 0) {
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
      if (version != VERSION) {
        throw new CheckpointException(
            "Checkpoint manifest of another format version: file="
                + file
                + ", expected="
                + VERSION
                + ", actual="
                + (root.has("formatVersion") ? root.get("formatVersion") : "none")
                + "; use the Shardfire version that wrote it");
      }
      return JSON.treeToValue(root, Manifest.class);
    } catch (JsonProcessingException e) {
      Throwable cause = e.getCause() instanceof IllegalArgumentException ? e.getCause() : e;
      throw new CheckpointException(
          "Checkpoint manifest is damaged: file=" + file + ", problem=" + cause.getMessage(), e);
    }
  }
}
