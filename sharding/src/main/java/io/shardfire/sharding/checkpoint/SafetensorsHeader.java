package io.shardfire.sharding.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The header of a safetensors file, parsed and checked: known element types, sizes that agree with
 * the shapes, and data ranges that follow each other without gap or overlap to the end of the file.
 *
 * <pre>
 *   0      8        n, length of the JSON text, little-endian
 *   8      n        {"__metadata__":{...},"name":{"dtype":"F32","shape":[..],"data_offsets":[b,e]},...}
 *   8+n    ...      tensor data, row-major, little-endian; offsets b and e count from here
 * </pre>
 */
record SafetensorsHeader(
    SortedMap<String, SafetensorsFile.Entry> entries, Map<String, String> metadata) {
  /** Bytes of the length field. */
  static final int LENGTH_BYTES = Long.BYTES;

  /** The limit of the reference implementation. */
  static final int LARGEST = 100_000_000;

  static final String METADATA = "__metadata__";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  SafetensorsHeader {
    entries = Collections.unmodifiableSortedMap(entries);
    metadata = Collections.unmodifiableMap(metadata);
  }

  /** Checks the length field before the header is read into memory. */
  static int checkLength(String file, long length, long fileBytes) {
    if (length < 2 || length > LARGEST || length > fileBytes - LENGTH_BYTES) {
      throw damaged(
          file,
          "header length out of bounds: actual="
              + Long.toUnsignedString(length)
              + ", limit="
              + Math.max(0, Math.min(LARGEST, fileBytes - LENGTH_BYTES)));
    }
    return (int) length;
  }

  /**
   * Parses the JSON text.
   *
   * @param dataBytes bytes of the file after the header
   */
  static SafetensorsHeader parse(String file, byte[] text, long dataBytes) {
    JsonNode root;
    try {
      root = JSON.readTree(new String(text, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          "Not a valid safetensors file: file="
              + file
              + ", problem=header is not JSON: "
              + e.getOriginalMessage(),
          e);
    }
    if (!root.isObject()) {
      throw damaged(file, "header is not a JSON object");
    }
    TreeMap<String, SafetensorsFile.Entry> entries = new TreeMap<>();
    TreeMap<String, String> metadata = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals(METADATA)) {
        for (Map.Entry<String, JsonNode> item : field.getValue().properties()) {
          metadata.put(item.getKey(), item.getValue().asText());
        }
      } else {
        entries.put(field.getKey(), entry(file, field.getKey(), field.getValue()));
      }
    }
    checkContiguous(file, new ArrayList<>(entries.values()), dataBytes);
    return new SafetensorsHeader(entries, metadata);
  }

  private static SafetensorsFile.Entry entry(String file, String name, JsonNode node) {
    String dtype = node.path("dtype").asText();
    JsonNode offsets = node.path("data_offsets");
    if (!node.path("shape").isArray()
        || offsets.size() != 2
        || !isWholeLong(offsets.get(0))
        || !isWholeLong(offsets.get(1))) {
      throw damaged(
          file, "tensor without dtype, shape or data_offsets: tensor=" + name + ", entry=" + node);
    }
    List<Long> shape = new ArrayList<>();
    long bytes = elementBytes(file, name, dtype);
    try {
      for (JsonNode dim : node.get("shape")) {
        if (!isWholeLong(dim) || dim.longValue() < 0) {
          throw damaged(file, "bad dim: tensor=" + name + ", shape=" + node.get("shape"));
        }
        shape.add(dim.longValue());
        bytes = Math.multiplyExact(bytes, dim.longValue());
      }
    } catch (ArithmeticException e) {
      throw new CheckpointException(
          "Not a valid safetensors file: file="
              + file
              + ", problem=size overflows: tensor="
              + name
              + ", shape="
              + node.get("shape"),
          e);
    }
    long begin = offsets.get(0).longValue();
    long end = offsets.get(1).longValue();
    if (begin < 0 || end < begin || end - begin != bytes) {
      throw damaged(
          file,
          "dtype, shape and offsets do not agree: tensor="
              + name
              + ", dtype="
              + dtype
              + ", shape="
              + shape
              + ", data_offsets=["
              + begin
              + ", "
              + end
              + "], expected bytes="
              + bytes
              + ", actual bytes="
              + (end - begin));
    }
    return new SafetensorsFile.Entry(name, dtype, shape, begin, end);
  }

  /** Whether {@code longValue()} is the number itself: beyond 2^63 it would wrap. */
  private static boolean isWholeLong(JsonNode number) {
    return number.isIntegralNumber() && number.canConvertToLong();
  }

  private static void checkContiguous(
      String file, List<SafetensorsFile.Entry> entries, long dataBytes) {
    entries.sort(
        Comparator.comparingLong(SafetensorsFile.Entry::begin)
            .thenComparingLong(SafetensorsFile.Entry::end));
    long end = 0;
    for (SafetensorsFile.Entry entry : entries) {
      if (entry.begin() != end) {
        throw damaged(
            file,
            "gap or overlap in the data: tensor="
                + entry.name()
                + ", expected begin="
                + end
                + ", actual begin="
                + entry.begin());
      }
      end = entry.end();
    }
    if (end != dataBytes) {
      throw damaged(
          file,
          "file is truncated or has bytes too many: expected data bytes="
              + end
              + ", actual data bytes="
              + dataBytes);
    }
  }

  private static long elementBytes(String file, String name, String dtype) {
    return switch (dtype) {
      case "BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2" -> 1;
      case "I16", "U16", "F16", "BF16" -> 2;
      case "I32", "U32", "F32" -> 4;
      case "I64", "U64", "F64" -> 8;
      default -> throw damaged(file, "unknown dtype: tensor=" + name + ", dtype=" + dtype);
    };
  }

  private static CheckpointException damaged(String file, String problem) {
    return new CheckpointException(
        "Not a valid safetensors file: file=" + file + ", problem=" + problem);
  }
}
