package io.shardfire.kernels.device;

import com.aparapi.device.OpenCLDevice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * The compiled kernels on one device. One per device and JVM; all invocations are serialised by one
 * lock because the native layer is not thread-safe. Thread-safe.
 */
public final class ComputeContext {
  /** Contexts by device index; guarded by {@link NativeLock}. */
  private static final Map<Integer, ComputeContext> OPEN = new HashMap<>();

  private final ComputeDevice device;
  private final KernelProgram program;
  private final int lanes;

  private ComputeContext(ComputeDevice device, KernelProgram program) {
    this.device = device;
    this.program = program;
    lanes = new Launcher(program, List.of(), new CommandTable()).probeLanes();
  }

  /**
   * The context of a device: builds the program and runs the short kernel self-test the first time,
   * returns the same instance afterwards.
   *
   * @throws ComputeException when the build fails or a kernel computes wrong results
   */
  public static ComputeContext open(ComputeDevice device) {
    return NativeLock.call(
        () -> {
          ComputeContext context = OPEN.get(device.index());
          if (context == null) {
            context = build(device);
            verify(context);
            OPEN.put(device.index(), context);
          }
          return context;
        });
  }

  private static ComputeContext build(ComputeDevice device) {
    device.requireForms();
    HumongousArrays.minimumElements();
    OpenCLDevice nativeDevice = OpenClDevices.nativeDevice(device);
    return new ComputeContext(device, KernelProgram.build(nativeDevice, KernelSource.assemble()));
  }

  /** Runs the checks that the class path offers; the kernels' own self-test is one of them. */
  private static void verify(ComputeContext context) {
    int checks = 0;
    for (ContextCheck check :
        ServiceLoader.load(ContextCheck.class, ComputeContext.class.getClassLoader())) {
      check.verify(context);
      checks++;
    }
    if (checks == 0) {
      throw new ComputeException(
          "The kernel self-test is missing from the class path; keep META-INF/services when"
              + " repackaging the jar: service="
              + ContextCheck.class.getName());
    }
  }

  /** The device the kernels run on. */
  public ComputeDevice device() {
    return device;
  }

  /** A fresh set of arenas, for one rank. */
  public DeviceMemory newMemory() {
    return new DeviceMemory(this);
  }

  /** Floats of one vector, as the kernels were compiled: 8, or 16 with AVX-512. */
  public int lanes() {
    return lanes;
  }

  /** Columns of a panel: two vectors; {@code PANEL} in {@code types.cl}. */
  int panelColumns() {
    return 2 * lanes;
  }

  Launcher newLauncher(List<Arena> arenas, CommandTable table) {
    return NativeLock.call(() -> new Launcher(program, arenas, table));
  }
}
