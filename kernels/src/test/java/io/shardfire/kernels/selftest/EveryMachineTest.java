package io.shardfire.kernels.selftest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.kernels.device.ChildJvm;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceRecord;
import io.shardfire.kernels.device.DeviceRecords;
import io.shardfire.kernels.device.Tunable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The same bits from every operation with any device record, any number of threads and of
 * work-groups, and either driver of PoCL.
 */
class EveryMachineTest {
  private static final int SECONDS = 300;

  /** Other records: PoCL takes minutes to build the GPU forms for them. */
  private static final String RECORDS = "records";

  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));
  private static final SortedMap<String, Long> EXPECTED = RepeatabilityCases.checksums(CONTEXT);

  @TempDir private Path folder;

  /** Prints a checksum per check. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
      ComputeContext context = ComputeContext.open(ComputeDevice.select("auto"));
      RepeatabilityCases.checksums(context)
          .forEach((name, checksum) -> System.out.println("checksum: " + checksum + " " + name));
    }
  }

  private static SortedMap<String, Long> checksums(List<String> lines) {
    SortedMap<String, Long> checksums = new TreeMap<>();
    for (String line : lines) {
      String[] words = line.split(" ", 3);
      if (words[0].equals("checksum:")) {
        checksums.put(words[2], Long.valueOf(words[1]));
      }
    }
    return checksums;
  }

  private static DeviceRecord recordOf(ToIntFunction<Tunable> values) {
    DeviceRecord record = DeviceRecords.shipped();
    for (Tunable tunable : Tunable.values()) {
      record = record.with(tunable, values.applyAsInt(tunable));
    }
    return record;
  }

  @Test
  @Tag(RECORDS)
  void shouldComputeTheSameBitsWithTheSmallestSizes() {
    DeviceRecord record = recordOf(Tunable::minimum);
    assertEquals(EXPECTED, RepeatabilityCases.checksums(CONTEXT.with(record)));
  }

  @Test
  @Tag(RECORDS)
  void shouldComputeTheSameBitsWithTheLargestSizes() {
    DeviceRecord record = recordOf(Tunable::maximum);
    assertEquals(EXPECTED, RepeatabilityCases.checksums(CONTEXT.with(record)));
  }

  @Test
  void shouldComputeTheSameBitsByVectors() {
    assertEquals(EXPECTED, RepeatabilityCases.checksums(CONTEXT.withVectors()));
  }

  @ParameterizedTest
  @CsvSource({
    "POCL_MAX_PTHREAD_COUNT, 1, 2",
    "POCL_MAX_PTHREAD_COUNT, 2, 1",
    "POCL_MAX_PTHREAD_COUNT, 2, 7",
    "POCL_DEVICES, basic, 2"
  })
  void shouldComputeTheSameBitsOnOtherThreads(String variable, String value, int groupsPerUnit)
      throws Exception {
    Path file = folder.resolve("own.properties");
    Files.writeString(file, Tunable.GROUPS_PER_COMPUTE_UNIT.key() + "=" + groupsPerUnit);
    List<String> options =
        List.of(
            "-XX:+UseG1GC",
            "-Xmx1g",
            // PoCL's basic driver keeps the variables of a whole group on the caller's stack.
            "-Xss32m",
            "-D" + DeviceRecords.PROPERTY + "=" + file,
            "-Dshardfire.kernels.form=" + CONTEXT.form().name().toLowerCase(Locale.ROOT));
    assertEquals(
        EXPECTED,
        checksums(ChildJvm.linesOf(Probe.class, SECONDS, Map.of(variable, value), options)));
  }
}
