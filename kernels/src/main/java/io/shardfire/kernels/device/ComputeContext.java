package io.shardfire.kernels.device;

import com.aparapi.device.OpenCLDevice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The compiled kernels on one device. One per device and JVM; all invocations are serialised by one
 * lock because the native layer is not thread-safe. Thread-safe.
 */
public final class ComputeContext {
  /** Contexts by device index; guarded by {@link NativeLock}. */
  private static final Map<Integer, ComputeContext> OPEN = new HashMap<>();

  /** Arenas that kernels take unless a memory has more: each costs time at every launch. */
  private static final int FEW_ARENAS = 6;

  /** Beyond, kernels are compiled for multiples of this many arenas. */
  private static final int ARENA_STEP = 8;

  private final ComputeDevice device;
  private final KernelForm form;
  private final DeviceRecord record;
  private final KernelProgram program;
  private final int lanes;
  private final ProductUnit unit;
  private final AtomicLong launches = new AtomicLong();
  private final AtomicLong phases = new AtomicLong();
  private volatile CommandListener listener;

  /** The same kernels for more arenas, by their number; guarded by {@link NativeLock}. */
  private final Map<Integer, KernelProgram> wider = new HashMap<>();

  private ComputeContext(
      ComputeDevice device,
      KernelForm form,
      DeviceRecord record,
      KernelProgram program,
      boolean allUnits) {
    this.device = device;
    this.form = form;
    this.record = record;
    this.program = program;
    TileLauncher.Probe probe =
        form == KernelForm.GPU
            ? new TileLauncher.Probe(1, ProductUnit.VECTORS)
            : new TileLauncher(program, List.of(), new CommandTable()).probe();
    lanes = probe.lanes();
    unit = probe.unit().ifAllowed(allUnits);
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
            context = build(device, DeviceRecords.of(device), ProductUnit.allAllowed(), FEW_ARENAS);
            OPEN.put(device.index(), context);
          }
          return context;
        });
  }

  /**
   * Another context of this device with the sizes of a record, for comparing records. Where kernels
   * are compiled for what differs, a program is built, checked, and kept for the life of the JVM.
   *
   * @throws ComputeException when the build fails or a kernel computes wrong results
   */
  public ComputeContext with(DeviceRecord other) {
    return NativeLock.call(
        () ->
            other.macros().equals(record.macros())
                ? new ComputeContext(
                    device, form, other, program.withGroups(groupsPerUnit(other)), allUnits())
                : build(device, other, allUnits(), FEW_ARENAS));
  }

  /** This context with products in bf16 by vectors, to the same bits. */
  public ComputeContext withVectors() {
    return NativeLock.call(() -> new ComputeContext(device, form, record, program, false));
  }

  private static ComputeContext build(
      ComputeDevice device, DeviceRecord record, boolean allUnits, int arenas) {
    KernelForm form = KernelForm.of(device);
    HumongousArrays.minimumElements();
    OpenCLDevice nativeDevice = OpenClDevices.nativeDevice(device);
    KernelProgram program =
        KernelProgram.build(
            nativeDevice,
            form,
            KernelSource.assemble(form, record, arenas),
            arenas,
            groupsPerUnit(record));
    ComputeContext context = new ComputeContext(device, form, record, program, allUnits);
    verify(context);
    return context;
  }

  private boolean allUnits() {
    return unit != ProductUnit.VECTORS;
  }

  private static int groupsPerUnit(DeviceRecord record) {
    return record.value(Tunable.GROUPS_PER_COMPUTE_UNIT);
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

  /** The sizes that the kernels were compiled and are launched with. */
  public DeviceRecord record() {
    return record;
  }

  /** A fresh set of arenas, for one rank. */
  public DeviceMemory newMemory() {
    return new DeviceMemory(this);
  }

  /**
   * What ran on the device.
   *
   * @param launches command buffers
   * @param phases their phases
   */
  public record Launches(long launches, long phases) {}

  /** What ran since the context was opened, by all memories. */
  public Launches launches() {
    return new Launches(launches.get(), phases.get());
  }

  /**
   * How long some work takes, in nanoseconds: on a device with memory of its own what its launches
   * take there, by the device's clock and without the time between them; else what passes on the
   * host. For one thread at a time.
   */
  public long nanosOf(Runnable work) {
    if (form == KernelForm.GPU) {
      return KernelProgram.deviceNanos(work);
    }
    long start = System.nanoTime();
    work.run();
    return System.nanoTime() - start;
  }

  /**
   * Does some work with each of its commands as a launch of its own, and tells how long each took.
   * The results are the same; the sum of the times is more than the work takes else, since commands
   * that do not depend on each other run side by side then. For one thread at a time.
   */
  public void profile(Runnable work, CommandListener heard) {
    listener = heard;
    try {
      work.run();
    } finally {
      listener = null;
    }
  }

  CommandListener listener() {
    return listener;
  }

  /** The OpenCL C text that the kernels were compiled from. */
  public String source() {
    return KernelSource.assemble(form, record, program.arenas());
  }

  void count(CommandBuffer buffer) {
    launches.incrementAndGet();
    phases.addAndGet(buffer.phases());
  }

  /** The form of the kernels. */
  public KernelForm form() {
    return form;
  }

  /**
   * Floats of one vector, as the kernels were compiled: 8, or 16 with AVX-512; 1 in the GPU forms.
   */
  public int lanes() {
    return lanes;
  }

  /** What computes products in bf16. */
  public ProductUnit unit() {
    return unit;
  }

  /** Columns of a panel: two vectors; {@code PANEL} in {@code types.cl}. */
  int panelColumns() {
    return 2 * lanes;
  }

  Launcher newLauncher(List<Arena> arenas, CommandTable table) {
    return NativeLock.call(
        () -> {
          KernelProgram kernels = programFor(arenas.size());
          return form == KernelForm.GPU
              ? new CommandLauncher(kernels, arenas, table)
              : new TileLauncher(kernels, arenas, table);
        });
  }

  /** Compiled and checked when a memory first needs it, and kept for the life of the JVM. */
  private KernelProgram programFor(int arenas) {
    if (arenas <= program.arenas()) {
      return program;
    }
    int taken = (arenas + ARENA_STEP - 1) / ARENA_STEP * ARENA_STEP;
    return wider.computeIfAbsent(taken, count -> build(device, record, allUnits(), count).program);
  }
}
