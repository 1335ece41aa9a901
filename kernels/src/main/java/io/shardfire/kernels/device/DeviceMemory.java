package io.shardfire.kernels.device;

import java.util.ArrayList;
import java.util.List;

/**
 * The arenas of one rank. At most {@link #MAX_ARENAS}, all allocated before the first command
 * buffer runs and before the first upload. Owned by one thread at a time.
 *
 * <p>Aparapi keeps every array it has seen for the life of the JVM, so the arenas of a memory are
 * never collected once a command buffer has run: make one memory per rank, not one per step.
 */
public final class DeviceMemory {
  /**
   * Most arenas. OpenCL grants a kernel 1024 bytes of arguments: a pointer to each of these, and
   * what else it takes.
   */
  public static final int MAX_ARENAS = 120;

  /** Longest array, in floats: the native layer crashes at 2^29. */
  private static final int MAX_ARRAY_FLOATS = 536_870_000;

  /** Largest arena, in floats: its array holds what kernels may read behind it, and a mark. */
  public static final int MAX_FLOATS = MAX_ARRAY_FLOATS - Arena.READ_SLACK - 1;

  private final ComputeContext context;
  private final List<Arena> arenas = new ArrayList<>();
  private final CommandTable table = new CommandTable();
  private Launcher launcher;

  DeviceMemory(ComputeContext context) {
    this.context = context;
  }

  /**
   * Allocates a zeroed arena of at least {@code floats} floats.
   *
   * @throws ComputeException when too many arenas, too large, or the heap is too small (names both)
   */
  public Arena allocate(String name, long floats) {
    if (launcher != null) {
      throw new ComputeException(
          "All arenas must be allocated before the first run, upload or download: arena=" + name);
    }
    checkCount(arenas.size() + 1L);
    int size = checkSize(name, floats);
    long needed = (long) size + Arena.READ_SLACK + 1;
    float[] array = HumongousArrays.floats(name, needed);
    // On the device's side a GPU needs an array of its own: it may not see what the host writes.
    float[] deviceArray =
        context.form() == KernelForm.GPU ? HumongousArrays.floats(name, needed) : array;
    Arena arena = new Arena(this, arenas.size(), name, size, array, deviceArray);
    arenas.add(arena);
    return arena;
  }

  /**
   * Allocates zeroed pages.
   *
   * @param role what they hold, by which errors name them
   * @throws ComputeException as {@link #allocate(String, long)} does
   */
  public Pages allocate(String role, PagePlan plan) {
    List<Arena> pages = new ArrayList<>();
    for (int floats : plan.floats()) {
      String page = plan.floats().size() == 1 ? "" : ", page " + pages.size();
      pages.add(allocate(role + page, floats));
    }
    return new Pages(plan.size(), pages);
  }

  /**
   * Checks how many arenas a memory is to have, as {@link #allocate} does.
   *
   * @throws ComputeException naming the number and the limit
   */
  public static void checkCount(long arenas) {
    if (arenas > MAX_ARENAS) {
      throw new ComputeException(
          "A device memory has at most "
              + MAX_ARENAS
              + " arenas; reduce the batch or the context, or share the model among more ranks:"
              + " arenas="
              + arenas);
    }
  }

  /**
   * The size of an arena, checked as {@link #allocate} checks it, so that whoever plans memory and
   * whoever allocates it cannot disagree.
   *
   * @throws ComputeException naming the arena, its floats and the limit
   */
  public static int checkSize(String name, long floats) {
    if (floats < 1 || floats > MAX_FLOATS) {
      throw new ComputeException(
          "An arena holds between 1 and "
              + MAX_FLOATS
              + " floats; reduce the batch, the context or the model: arena="
              + name
              + ", floats="
              + floats);
    }
    return (int) floats;
  }

  /** Starts recording commands over these arenas. */
  public CommandRecorder record(String name) {
    return new CommandRecorder(this, name);
  }

  ComputeContext context() {
    return context;
  }

  CommandTable table() {
    return table;
  }

  CommandBuffer store(String name, PhaseSchedule schedule) {
    return table.store(this, name, schedule);
  }

  void launch(CommandBuffer buffer) {
    context.count(buffer);
    CommandListener listener = context.listener();
    if (listener == null) {
      launcher().launch(buffer, 0, buffer.commands());
      return;
    }
    for (int command = 0; command < buffer.commands(); command++) {
      int one = command;
      long nanos = context.nanosOf(() -> launcher().launch(buffer, one, 1));
      listener.ran(buffer.works().get(command), nanos);
    }
  }

  void upload(Span span) {
    launcher().upload(span);
  }

  void download(Span span) {
    launcher().download(span);
  }

  private Launcher launcher() {
    if (launcher == null) {
      launcher = context.newLauncher(arenas, table);
    }
    return launcher;
  }
}
