package io.shardfire.sharding.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.checkpoint.SafetensorsWriter.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void shouldWriteTheGoldenBytes() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SafetensorsWriter writer =
        SafetensorsWriter.create(
            out,
            List.of(new Tensor("b", List.of(1L, 2L)), new Tensor("a", List.of(1L))),
            new TreeMap<>(Map.of("k", "v")));
    writer.write(new float[] {9, 1, -2}, 1, 2);
    writer.write(new float[] {0.5f}, 0, 1);
    writer.finish();
    String header =
        "{\"__metadata__\":{\"format\":\"pt\",\"k\":\"v\"},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
    int padded = (header.length() + 7) / 8 * 8;
    assertTrue(padded > header.length(), "the sample shows the padding");
    HexFormat hex = HexFormat.of();
    assertEquals(
        hex.toHexDigits((byte) padded)
            + "00000000000000"
            + hex.formatHex(header.getBytes(StandardCharsets.UTF_8))
            + "20".repeat(padded - header.length())
            + "0000803f"
            + "000000c0"
            + "0000003f",
        hex.formatHex(out.toByteArray()));
  }

  @Test
  void shouldReadWhatItWrote() throws IOException {
    float[] values = new float[300_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0.25f - 1000;
    }
    Path path = folder.resolve("x.safetensors");
    try (var out = Files.newOutputStream(path)) {
      SafetensorsWriter writer =
          SafetensorsWriter.create(
              out,
              List.of(
                  new Tensor("big", List.of(300_000L)),
                  new Tensor("none", List.of(0L, 4L)),
                  new Tensor("scalar", List.of())),
              new TreeMap<>());
      writer.write(values, 0, values.length);
      writer.finish();
    }
    try (SafetensorsFile file = open("x.safetensors")) {
      assertEquals(List.of("big", "none", "scalar"), List.copyOf(file.entries().keySet()));
      assertEquals(Map.of("format", "pt"), file.metadata());
      float[] read = new float[300_002];
      file.read("big", 0, read, 1, 300_000);
      file.read("scalar", 0, read, 300_001, 1);
      file.read("none", 0, read, 0, 0);
      assertArrayEquals(values, Arrays.copyOfRange(read, 1, 300_002));
      file.read("big", 299_999, read, 0, 1);
      assertEquals(values[299_999], read[0]);
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> file.read("big", 299_999, read, 0, 2));
      assertTrue(
          e.getMessage().contains("tensor=big, from=299999, length=2, elements=300000"),
          e.getMessage());
      CheckpointException absent =
          assertThrows(CheckpointException.class, () -> file.read("c", 0, read, 0, 1));
      assertTrue(absent.getMessage().contains("x.safetensors, tensor=c"), absent.getMessage());
    }
  }

  @Test
  void shouldReadHalfPrecision() throws IOException {
    short[] halves = {
      0x0000,
      (short) 0x8000,
      0x3C00,
      (short) 0xC000,
      0x7BFF,
      0x0001,
      (short) 0x83FF,
      0x0400,
      0x7C00,
      (short) 0xFC00,
      0x7E00,
      0x3555
    };
    float[] expectedHalves = {
      0f,
      -0f,
      1f,
      -2f,
      65504f,
      0x1p-24f,
      -0x3FFp-24f,
      0x1p-14f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      1365 / 4096f
    };
    short[] brains = {0x3F80, (short) 0xC040, 0x7F80, 0x0001};
    float[] expectedBrains = {1f, -3f, Float.POSITIVE_INFINITY, Float.intBitsToFloat(0x10000)};
    ByteBuffer data = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    for (short half : halves) {
      data.putShort(half);
    }
    for (short brain : brains) {
      data.putShort(brain);
    }
    write(
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[3,4],\"data_offsets\":[0,24]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[24,32]}}",
        data.array());
    try (SafetensorsFile file = open("y.safetensors")) {
      float[] read = new float[12];
      file.read("h", 0, read, 0, 12);
      assertArrayEquals(expectedHalves, read);
      file.read("b", 1, read, 0, 3);
      assertArrayEquals(Arrays.copyOfRange(expectedBrains, 1, 4), Arrays.copyOf(read, 3));
    }
  }

  @Test
  void shouldNameTypesThatAreNoFloats() throws IOException {
    write("{\"t\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", new byte[8]);
    try (SafetensorsFile file = open("y.safetensors")) {
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> file.read("t", 0, new float[1], 0, 1));
      assertTrue(
          e.getMessage().contains("expected dtype=F32, F16 or BF16, actual dtype=I64"),
          e.getMessage());
    }
  }

  @Test
  void shouldNameWhatIsDamaged() throws IOException {
    String good = "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    assertDamaged("expected data bytes=8, actual data bytes=7", good, new byte[7]);
    assertDamaged("expected data bytes=8, actual data bytes=9", good, new byte[9]);
    assertDamaged(
        "expected begin=0, actual begin=4", good.replace("[0,8]", "[4,12]"), new byte[12]);
    assertDamaged("expected bytes=12, actual bytes=8", good.replace("[2]", "[3]"), new byte[8]);
    assertDamaged("actual bytes=-8", good.replace("[0,8]", "[8,0]"), new byte[8]);
    assertDamaged("size overflows", good.replace("[2]", "[4611686018427387904,4]"), new byte[8]);
    assertDamaged("bad dim", good.replace("[2]", "[-2]"), new byte[8]);
    // 2^64 + 2 wraps to 2, and 2^64 to 0.
    assertDamaged(
        "bad dim: tensor=t, shape=[18446744073709551618]",
        good.replace("[2]", "[18446744073709551618]"),
        new byte[8]);
    assertDamaged("bad dim", good.replace("[2]", "[2,9223372036854775809]"), new byte[8]);
    assertDamaged("bad dim", good.replace("[2]", "[2.0]"), new byte[8]);
    assertDamaged(
        "tensor without dtype, shape or data_offsets",
        good.replace("[0,8]", "[18446744073709551616,8]"),
        new byte[8]);
    assertDamaged(
        "tensor without dtype, shape or data_offsets",
        good.replace("[0,8]", "[0,18446744073709551624]"),
        new byte[8]);
    assertDamaged("dtype=F33", good.replace("F32", "F33"), new byte[8]);
    assertDamaged("tensor without", good.replace("shape", "shade"), new byte[8]);
    assertDamaged("Duplicate", good.replace("}}", "},\"t\":{}}"), new byte[8]);
    assertDamaged("not a JSON object", "[1,2]", new byte[0]);
    assertDamaged("header is not JSON", "{\"t\":", new byte[0]);
    Path path = folder.resolve("y.safetensors");
    Files.write(path, new byte[7]);
    assertFails("shorter than its length field: bytes=7");
    Files.write(path, new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) 0x80, '{', '}'});
    assertFails("header length out of bounds: actual=9223372036854775808, limit=2");
    Files.write(path, new byte[] {3, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    assertFails("header length out of bounds: actual=3, limit=2");
    Files.delete(path);
    assertFails("Safetensors file is missing: file=");
  }

  @Test
  void shouldCountElements() throws IOException {
    SafetensorsWriter writer =
        SafetensorsWriter.create(
            new ByteArrayOutputStream(), List.of(new Tensor("t", List.of(2L))), new TreeMap<>());
    writer.write(new float[1], 0, 1);
    assertThrows(IllegalStateException.class, writer::finish);
    assertThrows(IllegalStateException.class, () -> writer.write(new float[2], 0, 2));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            SafetensorsWriter.create(
                new ByteArrayOutputStream(),
                List.of(new Tensor("t", List.of()), new Tensor("t", List.of())),
                new TreeMap<>()));
  }

  private void assertDamaged(String expected, String header, byte[] data) throws IOException {
    write(header, data);
    assertFails(expected);
  }

  private void assertFails(String expected) {
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> open("y.safetensors").close());
    assertTrue(e.getMessage().contains("y.safetensors"), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private void write(String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(text.length).put(text).put(data);
    Files.write(folder.resolve("y.safetensors"), bytes.array());
  }

  private SafetensorsFile open(String name) {
    return SafetensorsFile.open(
        new Configuration(false), new org.apache.hadoop.fs.Path(folder.resolve(name).toUri()));
  }
}
