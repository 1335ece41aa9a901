package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Hashes of what a checkpoint holds, read without the code that wrote it. */
final class CheckpointFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** {@code h.0[1024:2048].exp_avg}: a unit, the part of it, and what of it. */
  private static final Pattern SLICE = Pattern.compile("(.+)\\[(\\d+):\\d+](\\..+)");

  private final Path step;

  /** Of a checkpoint's folder. */
  CheckpointFiles(Path step) {
    this.step = step;
  }

  /** SHA-256 of every weight file, by name. */
  SortedMap<String, String> weights() {
    SortedMap<String, String> hashes = new TreeMap<>();
    for (Path file : named("model.*\\.safetensors")) {
      MessageDigest digest = sha256();
      digest.update(bytes(file));
      hashes.put(file.getFileName().toString(), hex(digest));
    }
    return hashes;
  }

  /**
   * SHA-256 of every moment of every unit, by name. How many files they lie in, and where a unit is
   * divided, follows from the number of ranks; the whole of a unit does not.
   */
  SortedMap<String, String> moments() {
    SortedMap<String, SortedMap<Long, ByteBuffer>> slices = new TreeMap<>();
    for (Path file : named("optimizer-.*\\.safetensors")) {
      addSlices(file, slices);
    }
    assertFalse(slices.isEmpty(), () -> "no moments in " + step);
    SortedMap<String, String> hashes = new TreeMap<>();
    slices.forEach(
        (name, parts) -> {
          MessageDigest digest = sha256();
          parts.values().forEach(digest::update);
          hashes.put(name, hex(digest));
        });
    return hashes;
  }

  /** Reads a safetensors file: the length of the header, the header as JSON, the data. */
  private static void addSlices(Path file, SortedMap<String, SortedMap<Long, ByteBuffer>> slices) {
    ByteBuffer content = ByteBuffer.wrap(bytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int headerBytes = Math.toIntExact(content.getLong(0));
    int data = Long.BYTES + headerBytes;
    for (Map.Entry<String, JsonNode> tensor : header(content.array(), headerBytes).properties()) {
      Matcher matcher = SLICE.matcher(tensor.getKey());
      if (matcher.matches()) {
        JsonNode offsets = tensor.getValue().get("data_offsets");
        int begin = offsets.get(0).asInt();
        slices
            .computeIfAbsent(matcher.group(1) + matcher.group(3), name -> new TreeMap<>())
            .put(
                Long.parseLong(matcher.group(2)),
                content.slice(data + begin, offsets.get(1).asInt() - begin));
      }
    }
  }

  private static JsonNode header(byte[] content, int length) {
    try {
      return JSON.readTree(content, Long.BYTES, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Path> named(String pattern) {
    try (Stream<Path> all = Files.list(step)) {
      List<Path> files =
          all.filter(file -> file.getFileName().toString().matches(pattern)).sorted().toList();
      assertTrue(!files.isEmpty(), () -> "no " + pattern + " in " + step);
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
