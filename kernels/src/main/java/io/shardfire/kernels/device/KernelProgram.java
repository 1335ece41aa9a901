package io.shardfire.kernels.device;

import com.aparapi.ProfileInfo;
import com.aparapi.Range;
import com.aparapi.device.OpenCLDevice;
import com.aparapi.internal.opencl.OpenCLArgDescriptor;
import com.aparapi.internal.opencl.OpenCLKernel;
import com.aparapi.internal.opencl.OpenCLMem;
import com.aparapi.internal.opencl.OpenCLProgram;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The compiled program of one device. Use under {@link NativeLock}. */
final class KernelProgram {
  private static final Logger LOG = LoggerFactory.getLogger(KernelProgram.class);
  private static final long ARRAY_BITS =
      OpenCLArgDescriptor.ARG_GLOBAL_BIT | OpenCLArgDescriptor.ARG_ARRAY_BIT;

  /** Groups on a GPU for each one on a CPU: a unit holds several to hide the latency of memory. */
  private static final int GPU_FACTOR = 4;

  /** How long others may build the same kernels: many times what one takes, which is seconds. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** A kernel that every program of the form has. */
  private static final Map<KernelForm, String> ENTRY_POINTS =
      Map.of(KernelForm.CPU, "run_commands", KernelForm.GPU, "stage_in");

  /** Of all programs: a device may run several. Written by the thread that measures. */
  private static boolean timed;

  private static long deviceNanos;

  private final OpenCLProgram program;
  private final KernelForm form;
  private final Range range;
  private final int arenas;
  private final float[] placeholder = HumongousArrays.floats("placeholder", 1);
  private final OpenCLArgDescriptor placeholderDescriptor = floatArray("placeholder");

  private KernelProgram(OpenCLProgram program, KernelForm form, Range range, int arenas) {
    this.program = program;
    this.form = form;
    this.range = range;
    this.arenas = arenas;
  }

  /**
   * Compiles the kernels.
   *
   * @param arenas how many every kernel of the source takes
   * @throws ComputeException when the device has too little local memory or rejects the source, or
   *     other processes build without end
   */
  static KernelProgram build(
      OpenCLDevice device, KernelForm form, String source, int arenas, int groupsPerUnit) {
    if (form == KernelForm.CPU
        && device.getLocalMemSize() < (long) KernelSource.LOCAL_FLOATS * Float.BYTES) {
      throw new ComputeException(
          "The device has too little local memory for the kernels: device="
              + device.getName()
              + ", localBytes="
              + device.getLocalMemSize()
              + ", neededBytes="
              + (long) KernelSource.LOCAL_FLOATS * Float.BYTES);
    }
    // The first launch of all makes one while arrays are pinned. Loading its class allocates much
    // more; where that needs a collection, the thread waits for its own pins, and all others for
    // it.
    new OpenCLMem();
    long start = System.nanoTime();
    OpenCLProgram program =
        PoclCache.isOf(device.getOpenCLPlatform().getVersion())
            ? CompilerLock.call(
                PoclCache.ofThisProcess(), PATIENCE, () -> build(device, form, source))
            : build(device, form, source);
    LOG.info(
        "Built the OpenCL kernels: device={}, milliseconds={}",
        device.getName(),
        (System.nanoTime() - start) / 1_000_000);
    return new KernelProgram(program, form, range(device, form, groupsPerUnit), arenas);
  }

  private static OpenCLProgram build(OpenCLDevice device, KernelForm form, String source) {
    OpenCLProgram program = new OpenCLProgram(device, source).createProgram(device);
    // Aparapi returns a program even when the build failed; only a kernel made of it tells.
    OpenCLKernel trial = OpenCLKernel.createKernel(program, ENTRY_POINTS.get(form), List.of());
    if (trial == null) {
      throw buildFailed(device);
    }
    trial.dispose();
    return program;
  }

  /** This program, launched with other groups. */
  KernelProgram withGroups(int groupsPerUnit) {
    return new KernelProgram(
        program, form, range(program.getDevice(), form, groupsPerUnit), arenas);
  }

  private static Range range(OpenCLDevice device, KernelForm form, int groupsPerUnit) {
    int groups = groupsPerUnit * Math.max(1, device.getMaxComputeUnits());
    int factor = form == KernelForm.CPU ? 1 : GPU_FACTOR;
    return Range.create(device, factor * groups * form.groupItems(), form.groupItems());
  }

  static OpenCLArgDescriptor floatArray(String name) {
    return floatArray(name, 0);
  }

  /** With {@code copyBits} zero, the array is not copied around a call. */
  static OpenCLArgDescriptor floatArray(String name, int copyBits) {
    return new OpenCLArgDescriptor(name, ARRAY_BITS | copyBits | OpenCLArgDescriptor.ARG_FLOAT_BIT);
  }

  static OpenCLArgDescriptor intArray(String name, int copyBits) {
    return new OpenCLArgDescriptor(name, ARRAY_BITS | copyBits | OpenCLArgDescriptor.ARG_INT_BIT);
  }

  static OpenCLArgDescriptor integer(String name) {
    return new OpenCLArgDescriptor(
        name, OpenCLArgDescriptor.ARG_INT_BIT | OpenCLArgDescriptor.ARG_PRIMITIVE_BIT);
  }

  /**
   * @throws ComputeException when the program has no such kernel
   */
  OpenCLKernel createKernel(String entryPoint, List<OpenCLArgDescriptor> descriptors) {
    OpenCLKernel kernel = OpenCLKernel.createKernel(program, entryPoint, descriptors);
    if (kernel == null) {
      throw new ComputeException(
          "The program has no such kernel; every opcode needs one: kernel=" + entryPoint);
    }
    return kernel;
  }

  /** Runs a kernel, with what is copied around it, and waits for it. */
  void invoke(OpenCLKernel kernel, Object[] arguments) {
    kernel.invoke(arguments);
    if (timed) {
      for (ProfileInfo event : program.getProfileInfo()) {
        deviceNanos += event.getEnd() - event.getStart();
      }
    }
  }

  /** Nanoseconds of the device's own clock that the launches within {@code work} take. */
  static long deviceNanos(Runnable work) {
    long before = deviceNanos;
    timed = true;
    try {
      work.run();
    } finally {
      timed = false;
    }
    return deviceNanos - before;
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

  /** Arenas that every kernel takes. */
  int arenas() {
    return arenas;
  }

  /** What stands in for arenas where a memory has fewer than the kernels take. */
  float[] placeholder() {
    return placeholder;
  }

  OpenCLArgDescriptor placeholderDescriptor() {
    return placeholderDescriptor;
  }
}
