package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceRecordsTest {
  @TempDir private Path folder;

  private String failure(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("own.properties"), content);
    return assertThrows(ComputeException.class, () -> DeviceRecords.read(file))
        .getMessage()
        .replace(file.toString(), "own.properties");
  }

  @ParameterizedTest
  @EnumSource(Tunable.class)
  void shouldShipADefaultAndAllowTheWholeRange(Tunable tunable) {
    DeviceRecord shipped = DeviceRecords.shipped();
    assertTrue(tunable.allows(shipped.value(tunable)), shipped.toString());
    assertTrue(tunable.allows(tunable.minimum()));
    assertTrue(tunable.allows(tunable.maximum()));
    assertFalse(tunable.allows(tunable.minimum() - 1));
    assertFalse(tunable.allows(tunable.maximum() + 1));
  }

  @Test
  void shouldReadARecordThatSaysOnlyWhatDiffers() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("own.properties"), "# mine\nnorm.rows = 24\nmatmul.tilePanels=2\n");
    DeviceRecord record = DeviceRecords.of(null, file);
    assertEquals(
        Map.of(Tunable.NORM_ROWS, 24, Tunable.MATMUL_TILE_PANELS, 2),
        record.differencesFrom(DeviceRecords.shipped()));
    assertEquals(file + " (matmul.tilePanels=2, norm.rows=24)", record.toString());
  }

  @Test
  void shouldPreferTheNamedFileToTheUsersAndThatToTheDefaults() throws IOException {
    Path own = Files.writeString(folder.resolve("own.properties"), "norm.rows=24");
    Path named = Files.writeString(folder.resolve("named.properties"), "norm.rows=32");
    Path absent = folder.resolve("absent.properties");
    assertEquals(32, DeviceRecords.of(named.toString(), own).value(Tunable.NORM_ROWS));
    assertEquals(24, DeviceRecords.of(null, own).value(Tunable.NORM_ROWS));
    assertEquals("shipped defaults", DeviceRecords.of(null, absent).toString());
    assertTrue(
        assertThrows(ComputeException.class, () -> DeviceRecords.of(absent.toString(), own))
            .getMessage()
            .startsWith("Cannot read the device record; correct or remove it: record=" + absent));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          norm.rows=0                        | norm.rows               | 0     | 1 to 256
          norm.rows=many                     | norm.rows               | many  | 1 to 256
          matmul.tilePanels=5                | matmul.tilePanels       | 5     | 1 to 4
          matmul.blockRows=100               | matmul.blockRows        | 100   | 48 to 192 in steps of 48
          elementwise.elementsPerTile=12000  | elementwise.elementsPerTile | 12000 | 1024 to 65536, doubling
          """)
  void shouldRefuseAValueOutOfRange(String line, String key, String value, String range)
      throws IOException {
    assertEquals(
        "A value of the device record is out of range: record=own.properties, key="
            + key
            + ", value="
            + value
            + ", range="
            + range,
        failure(line));
  }

  @Test
  void shouldRefuseAnUnknownKey() throws IOException {
    assertEquals(
        "Unknown key in the device record; correct or remove it: record=own.properties,"
            + " key=matmul.depth, keys="
            + Arrays.stream(Tunable.values()).map(Tunable::key).toList(),
        failure("matmul.depth=192"));
  }

  @Test
  void shouldWriteWhatItReads() throws IOException {
    DeviceRecord record =
        DeviceRecords.shipped().with(Tunable.ROPE_ROWS, 3).with(Tunable.MATMUL_BLOCK_ROWS, 144);
    Path file = folder.resolve("devices").resolve("some-cpu.properties");
    DeviceRecords.write(record, file, " Some CPU ");
    DeviceRecords.write(record, file, " Some CPU ");
    assertEquals(Map.of(), DeviceRecords.read(file).differencesFrom(record));
    assertTrue(
        Files.readString(file).startsWith("# Sizes for Some CPU, written by"),
        Files.readString(file));
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void shouldNameTheUsersFileAfterTheDevice() {
    ComputeDevice device =
        new ComputeDevice(0, ComputeDevice.Type.CPU, "pthread-AMD EPYC (7B13) ", "", "", 2, 1);
    assertEquals(
        Path.of(
            System.getProperty("user.home"), ".shardfire/devices/pthread-amd-epyc-7b13.properties"),
        DeviceRecords.userFile(device));
  }
}
