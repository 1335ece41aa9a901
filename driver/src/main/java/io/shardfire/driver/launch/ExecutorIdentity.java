package io.shardfire.driver.launch;

import io.shardfire.driver.plan.ComputeIdentity;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.worker.train.ComputeFingerprint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds out how this process computes. */
final class ExecutorIdentity {
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  private ExecutorIdentity() {}

  /**
   * Builds the kernels for a device, which the run will use again, and trains a small model.
   *
   * @throws io.shardfire.kernels.device.ComputeException when the kernels do not run there
   */
  static ComputeIdentity of(ComputeDevice device) {
    ComputeContext compute = ComputeContext.open(device);
    String build = ExecutorIdentity.class.getPackage().getImplementationVersion();
    return new ComputeIdentity(
        device.name(),
        device.version(),
        device.type() != ComputeDevice.Type.CPU,
        compute.form().toString().toLowerCase(Locale.ROOT),
        compute.lanes(),
        compute.unit().toString(),
        compute.record().toString(),
        instructions(PROCESSOR),
        Runtime.version().toString(),
        build == null ? "development" : build,
        ComputeFingerprint.of(compute));
  }

  /**
   * What a compiler that builds for the processor at hand may choose from, in the order of the
   * alphabet; empty on systems that do not tell.
   */
  static String instructions(Path processor) {
    if (!Files.isReadable(processor)) {
      return "";
    }
    try (Stream<String> lines = Files.lines(processor)) {
      return lines
          .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
          .findFirst()
          .map(line -> Arrays.asList(line.substring(line.indexOf(':') + 1).trim().split("\\s+")))
          .map(TreeSet::new)
          .stream()
          .flatMap(TreeSet::stream)
          .filter(flag -> flag.matches("(avx|fma|f16c|sse4|asimd|sve).*"))
          .collect(Collectors.joining(" "));
    } catch (IOException | UncheckedIOException e) {
      // It only explains what the fingerprint finds.
      return "unknown: " + e.getMessage();
    }
  }
}
