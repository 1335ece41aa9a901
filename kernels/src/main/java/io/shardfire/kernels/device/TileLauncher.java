package io.shardfire.kernels.device;

import com.aparapi.internal.opencl.OpenCLArgDescriptor;
import com.aparapi.internal.opencl.OpenCLKernel;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a command buffer as one launch whose work-items pull tiles, over arenas that host and device
 * share. It has its own kernel object and argument descriptors: Aparapi ties a descriptor to the
 * array it first saw.
 */
final class TileLauncher implements Launcher {
  private static final String ENTRY_POINT = "run_commands";
  private static final int LAST_MARK = 1 << 20;

  private final List<Arena> arenas;
  private final CommandTable table;
  private final OpenCLKernel kernel;
  private final float[][] arrays;
  private final int[] markIndex;
  private final Object[] arguments;
  private int mark;

  /** Call under {@link NativeLock}. */
  TileLauncher(KernelProgram program, List<Arena> arenas, CommandTable table) {
    this.arenas = List.copyOf(arenas);
    this.table = table;
    int parameters = program.arenas();
    arrays = new float[parameters][];
    markIndex = new int[parameters];
    arguments = new Object[1 + parameters + 1];
    List<OpenCLArgDescriptor> descriptors = new ArrayList<>();
    arguments[0] = program.range();
    for (int k = 0; k < parameters; k++) {
      if (k < arenas.size()) {
        arrays[k] = arenas.get(k).array();
        markIndex[k] = arenas.get(k).markIndex();
        descriptors.add(KernelProgram.floatArray("arena" + k));
      } else {
        arrays[k] = program.placeholder();
        descriptors.add(program.placeholderDescriptor());
      }
      table.markIndex(k, markIndex[k]);
      arguments[1 + k] = arrays[k];
    }
    descriptors.add(KernelProgram.intArray("table", 0));
    arguments[1 + parameters] = table.words();
    kernel = program.createKernel(ENTRY_POINT, descriptors);
  }

  /** Also checks that every tile was run, on these very arrays. */
  @Override
  public void launch(CommandBuffer buffer, int first, int count) {
    invoke(buffer.word(first), count);
    if (table.moved() >= 0) {
      throw new ComputeException(
          "The garbage collector has moved an arena, so the device works on stale memory; run on Java"
              + " 17 or 21 with -XX:+UseG1GC: arena="
              + name(table.moved())
              + ", commandBuffer="
              + buffer.name()
              + ", java="
              + Runtime.version());
    }
    int tiles = buffer.tilesTo(first + count - 1);
    if (table.done() != tiles) {
      throw new ComputeException(
          "The device did not run all of a command buffer; the OpenCL error is on standard error:"
              + " commandBuffer="
              + buffer.name()
              + ", tilesDone="
              + table.done()
              + ", tiles="
              + tiles);
    }
  }

  private String name(int arena) {
    return arena < arenas.size() ? arenas.get(arena).name() : "placeholder";
  }

  private void invoke(int firstWord, int commands) {
    NativeLock.acquire();
    try {
      mark = mark % LAST_MARK + 1;
      for (int k = 0; k < arrays.length; k++) {
        arrays[k][markIndex[k]] = mark;
      }
      table.begin(firstWord, commands, mark);
      kernel.invoke(arguments);
    } finally {
      NativeLock.release();
    }
  }

  /**
   * What the kernels found on the processor.
   *
   * @param lanes their vector width, in floats
   * @param unit the best that this process may use for products in bf16
   */
  record Probe(int lanes, ProductUnit unit) {}

  /**
   * Launches the kernel without commands: it says how it was compiled, and asks the system for the
   * tiles of the matrix unit where there is one.
   *
   * @throws ComputeException when the kernel does not run at all
   */
  Probe probe() {
    invoke(0, 0);
    if (table.lanes() == 0) {
      throw new ComputeException(
          "The device does not run the kernels; the OpenCL error is on standard error");
    }
    return new Probe(table.lanes(), ProductUnit.of(table.unit()));
  }

  /** Nothing to do: the arrays are shared. */
  @Override
  public void upload(Span span) {}

  /** Nothing to do: the arrays are shared. */
  @Override
  public void download(Span span) {}
}
