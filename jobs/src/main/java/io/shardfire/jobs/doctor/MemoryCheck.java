package io.shardfire.jobs.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;

/** Memory and cores of this machine. */
final class MemoryCheck implements Check {
  private static final long MEBI = 1L << 20;

  /** The driver and two executors of the default master, at their smallest. */
  private static final long NEEDED_MIB = 3072;

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public List<Finding> run() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return List.of(
        memory(
            system.getTotalMemorySize() / MEBI,
            Runtime.getRuntime().maxMemory() / MEBI,
            Runtime.getRuntime().availableProcessors()));
  }

  static Finding memory(long machineMib, long heapMib, int cores) {
    String text =
        String.format(
            Locale.ROOT,
            "machine %d MiB, heap of this JVM %d MiB, %d cores",
            machineMib,
            heapMib,
            cores);
    return machineMib >= NEEDED_MIB
        ? Finding.ok(text)
        : Finding.failed(
            text, "Two executors and a driver need at least " + NEEDED_MIB + " MiB together");
  }
}
