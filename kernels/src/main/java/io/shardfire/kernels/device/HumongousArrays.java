package io.shardfire.kernels.device;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Allocates arrays that the garbage collector leaves in place. The device keeps the address of an
 * arena's array, so the array must not move: G1 puts an object of at least half a region into
 * regions of its own (a <em>humongous</em> object) and, up to Java 21, never moves it. Smaller
 * arrays are therefore padded to that size.
 */
final class HumongousArrays {
  private static final int HEADER_BYTES = 16;

  private HumongousArrays() {}

  /** A zeroed array of at least {@code length} floats. */
  static float[] floats(String name, long length) {
    long padded = Math.max(length, minimumElements());
    requireHeap(name, padded);
    try {
      return new float[Math.toIntExact(padded)];
    } catch (OutOfMemoryError e) {
      throw heapTooSmall(name, padded, e);
    }
  }

  /** A zeroed array of at least {@code length} ints. */
  static int[] ints(String name, long length) {
    long padded = Math.max(length, minimumElements());
    requireHeap(name, padded);
    try {
      return new int[Math.toIntExact(padded)];
    } catch (OutOfMemoryError e) {
      throw heapTooSmall(name, padded, e);
    }
  }

  /** Four-byte elements that make an array humongous. */
  static long minimumElements() {
    HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    if (vm == null || !Boolean.parseBoolean(option(vm, "UseG1GC"))) {
      throw new ComputeException(
          "The compute kernels need the G1 garbage collector, which leaves large arrays in place;"
              + " start Java with -XX:+UseG1GC: vm="
              + System.getProperty("java.vm.name")
              + ", UseG1GC="
              + (vm == null ? "unknown" : option(vm, "UseG1GC")));
    }
    long region = Long.parseLong(option(vm, "G1HeapRegionSize"));
    return region / 2 / Float.BYTES + HEADER_BYTES;
  }

  private static String option(HotSpotDiagnosticMXBean vm, String name) {
    try {
      return vm.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return "unsupported";
    }
  }

  private static void requireHeap(String name, long elements) {
    if (elements * Float.BYTES > Runtime.getRuntime().maxMemory()) {
      throw heapTooSmall(name, elements, null);
    }
  }

  private static ComputeException heapTooSmall(String name, long elements, Throwable cause) {
    return new ComputeException(
        "The Java heap is too small for an arena; raise -Xmx or reduce the batch, the context or the"
            + " model: arena="
            + name
            + ", neededBytes="
            + elements * Float.BYTES
            + ", maximumHeapBytes="
            + Runtime.getRuntime().maxMemory(),
        cause);
  }
}
