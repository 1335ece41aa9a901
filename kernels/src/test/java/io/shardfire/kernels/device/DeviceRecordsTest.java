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
  private static final DeviceRecord SHIPPED = DeviceRecords.shipped();

  @TempDir private Path folder;

  private static ComputeDevice device(ComputeDevice.Type type, String name) {
    return new ComputeDevice(0, type, name, "", "", 2, 1);
  }

  private String failure(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("own.properties"), content);
    return assertThrows(ComputeException.class, () -> DeviceRecords.read(file, SHIPPED))
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
    DeviceRecord record = DeviceRecords.of(null, file, SHIPPED);
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
    assertEquals(32, DeviceRecords.of(named.toString(), own, SHIPPED).value(Tunable.NORM_ROWS));
    assertEquals(24, DeviceRecords.of(null, own, SHIPPED).value(Tunable.NORM_ROWS));
    assertEquals("shipped defaults", DeviceRecords.of(null, absent, SHIPPED).toString());
    assertTrue(
        assertThrows(
                ComputeException.class, () -> DeviceRecords.of(absent.toString(), own, SHIPPED))
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
    assertEquals(Map.of(), DeviceRecords.read(file, SHIPPED).differencesFrom(record));
    assertTrue(
        Files.readString(file).startsWith("# Sizes for Some CPU, written by"),
        Files.readString(file));
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CPU, pthread-skylake-avx512-Intel(R) Xeon(R) Processor, shipped for intel-avx512",
    "CPU, cpu-sapphirerapids-Intel(R) Xeon(R) Platinum 8488C, shipped for intel-avx512",
    "CPU, pthread-znver4-AMD EPYC 9R14, shipped for amd-avx512",
    "CPU, pthread-skylake-avx512-AMD EPYC, shipped for amd-avx512",
    "CPU, pthread-znver3-AMD EPYC 7B13, shipped for amd-avx2",
    "CPU, pthread-znver1-AMD EPYC 7571, shipped for amd-avx2",
    "CPU, pthread-haswell-Intel(R) Xeon(R) Processor, shipped defaults",
    "GPU, cpu-sapphirerapids-, shipped defaults",
  })
  void shouldShipARecordForAFamily(ComputeDevice.Type type, String name, String source) {
    assertEquals(source, DeviceRecords.shipped(device(type, name)).source());
  }

  @Test
  void shouldCompleteTheUsersRecordByThatOfTheFamily() throws IOException {
    Path own = Files.writeString(folder.resolve("own.properties"), "norm.rows=24");
    DeviceRecord family =
        DeviceRecords.shipped(
            device(ComputeDevice.Type.CPU, "pthread-sapphirerapids-Intel(R) Xeon(R)"));
    DeviceRecord record = DeviceRecords.of(null, own, family);
    assertEquals(Map.of(Tunable.NORM_ROWS, 24), record.differencesFrom(family));
  }

  @Test
  void shouldNameTheUsersFileAfterTheDevice() {
    ComputeDevice device = device(ComputeDevice.Type.CPU, "pthread-AMD EPYC (7B13) ");
    assertEquals(
        Path.of(
            System.getProperty("user.home"), ".shardfire/devices/pthread-amd-epyc-7b13.properties"),
        DeviceRecords.userFile(device));
  }
}
