package io.shardfire.kernels.device;

import com.aparapi.Range;
import com.aparapi.device.OpenCLDevice;
import com.aparapi.internal.opencl.OpenCLArgDescriptor;
import com.aparapi.internal.opencl.OpenCLKernel;
import com.aparapi.internal.opencl.OpenCLProgram;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The compiled program of one device. Use under {@link NativeLock}. */
final class KernelProgram {
  private static final Logger LOG = LoggerFactory.getLogger(KernelProgram.class);
  private static final String ENTRY_POINT = "run_commands";

  private final OpenCLProgram program;
  private final Range range;
  private final float[][] placeholders = new float[DeviceMemory.MAX_ARENAS][];
  private final OpenCLArgDescriptor[] placeholderDescriptors =
      new OpenCLArgDescriptor[DeviceMemory.MAX_ARENAS];

  private KernelProgram(OpenCLProgram program, Range range) {
    this.program = program;
    this.range = range;
  }

  /**
   * Compiles the kernels.
   *
   * @throws ComputeException when the device has too little local memory or rejects the source
   */
  static KernelProgram build(OpenCLDevice device, String source, int groupsPerUnit) {
    if (device.getLocalMemSize() < (long) KernelSource.LOCAL_FLOATS * Float.BYTES) {
      throw new ComputeException(
          "The device has too little local memory for the kernels: device="
              + device.getName()
              + ", localBytes="
              + device.getLocalMemSize()
              + ", neededBytes="
              + (long) KernelSource.LOCAL_FLOATS * Float.BYTES);
    }
    long start = System.nanoTime();
    OpenCLProgram program = new OpenCLProgram(device, source).createProgram(device);
    // Aparapi returns a program even when the build failed; only a kernel made of it tells.
    OpenCLKernel trial = OpenCLKernel.createKernel(program, ENTRY_POINT, List.of());
    if (trial == null) {
      throw buildFailed(device);
    }
    trial.dispose();
    LOG.info(
        "Built the OpenCL kernels: device={}, milliseconds={}",
        device.getName(),
        (System.nanoTime() - start) / 1_000_000);
    int groups = groupsPerUnit * Math.max(1, device.getMaxComputeUnits());
    return new KernelProgram(program, Launcher.range(device, groups));
  }

  OpenCLKernel createKernel(List<OpenCLArgDescriptor> descriptors) {
    OpenCLKernel kernel = OpenCLKernel.createKernel(program, ENTRY_POINT, descriptors);
    if (kernel == null) {
      throw buildFailed(program.getDevice());
    }
    return kernel;
  }

  private static ComputeException buildFailed(OpenCLDevice device) {
    return new ComputeException(
        "The OpenCL kernels do not build on this device; the build log is on standard error: device="
            + device.getName()
            + ", platform="
            + device.getOpenCLPlatform().getVersion());
  }

  Range range() {
    return range;
  }

  /** What stands in for arena {@code k} where a memory has fewer arenas. */
  float[] placeholder(int k) {
    if (placeholders[k] == null) {
      placeholders[k] = HumongousArrays.floats("placeholder", 1);
      placeholderDescriptors[k] = Launcher.floatArray("placeholder" + k);
    }
    return placeholders[k];
  }

  OpenCLArgDescriptor placeholderDescriptor(int k) {
    return placeholderDescriptors[k];
  }
}
