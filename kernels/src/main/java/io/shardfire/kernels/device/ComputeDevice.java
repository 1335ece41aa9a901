package io.shardfire.kernels.device;

import java.util.List;

/** One OpenCL device as Aparapi lists it. */
public record ComputeDevice(
    int index,
    Type type,
    String name,
    String vendor,
    String version,
    int computeUnits,
    long memoryBytes) {

  /** The OpenCL device type. */
  public enum Type {
    CPU,
    GPU,
    ACCELERATOR
  }

  /**
   * All OpenCL devices of this machine, in platform order; empty when there is no OpenCL at all.
   */
  public static List<ComputeDevice> list() {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * Chooses a device: {@code auto} (first GPU form-capable device the kernels support, else CPU),
   * {@code cpu}, {@code gpu}, or an index.
   *
   * @throws ComputeException naming the selector and every device found
   */
  public static ComputeDevice select(String selector) {
    throw new UnsupportedOperationException("skeleton");
  }
}
