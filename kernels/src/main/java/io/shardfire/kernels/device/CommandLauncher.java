package io.shardfire.kernels.device;

import com.aparapi.Range;
import com.aparapi.internal.opencl.OpenCLArgDescriptor;
import com.aparapi.internal.opencl.OpenCLKernel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs each command as a launch of its own, over arenas that stay on the device. Only the staging
 * arrays are copied around a call, and of them no more than the call needs:
 *
 * <pre>
 *   host array --arraycopy--> staging in --(driver)--> kernel stage_in  ---> device arena
 *   host array <--arraycopy-- staging out <-(driver)-- kernel stage_out <--- device arena
 *                             | data | launches so far | nonce |
 * </pre>
 *
 * <p>Failed launches are reported on standard error only. Every kernel therefore counts itself, and
 * every download brings the count along: no result reaches the host unless all launches happened.
 */
final class CommandLauncher implements Launcher {
  /** The count is sent as a float, which holds it exactly below this. */
  private static final int COUNT_MODULUS = 1 << 20;

  private static final int TRAILER = 2;

  /** Elements of a staging array: few enough calls for whole arenas. */
  private static final int STAGING = 1 << 20;

  private final KernelProgram program;
  private final CommandTable table;
  private final Range range;
  private final List<OpenCLArgDescriptor> shared = new ArrayList<>();
  private final Object[] sharedArguments;
  private final Map<Opcode, Call> calls = new EnumMap<>(Opcode.class);
  private final float[] floatsIn = HumongousArrays.floats("staging", STAGING);
  private final float[] floatsOut = HumongousArrays.floats("staging", STAGING);
  private final int[] wordsIn = HumongousArrays.ints("staging", STAGING);
  private final Staging stageIn;
  private final Staging stageWords;
  private final Staging stageOut;
  private int storedWords = CommandTable.FIRST_ENTRY;
  private int launches;
  private int nonce;

  /** Call under {@link NativeLock}. */
  CommandLauncher(KernelProgram program, List<Arena> arenas, CommandTable table) {
    this.program = program;
    this.table = table;
    range = program.range();
    int parameters = program.arenas();
    sharedArguments = new Object[parameters + 1];
    for (int k = 0; k < parameters; k++) {
      boolean used = k < arenas.size();
      sharedArguments[k] = used ? arenas.get(k).deviceArray() : program.placeholder();
      shared.add(used ? KernelProgram.floatArray("arena" + k) : program.placeholderDescriptor());
    }
    // The table stays on the device too; its host array only backs the buffer.
    sharedArguments[parameters] = HumongousArrays.ints("command table", table.words().length);
    shared.add(KernelProgram.intArray("table", 0));
    int in = OpenCLArgDescriptor.ARG_READONLY_BIT;
    int out = OpenCLArgDescriptor.ARG_WRITEONLY_BIT;
    OpenCLArgDescriptor floats = KernelProgram.floatArray("staging", in);
    stageIn = new Staging("stage_in", floats, floatsIn, "offset", "count", "arena");
    OpenCLArgDescriptor words = KernelProgram.intArray("staging", in);
    stageWords = new Staging("stage_words", words, wordsIn, "offset", "count");
    OpenCLArgDescriptor results = KernelProgram.floatArray("staging", out);
    stageOut = new Staging("stage_out", results, floatsOut, "offset", "count", "arena", "nonce");
  }

  private Call call(String name, List<OpenCLArgDescriptor> own) {
    List<OpenCLArgDescriptor> descriptors = new ArrayList<>(shared);
    descriptors.addAll(own);
    return new Call(program.createKernel(name, descriptors), descriptors.size());
  }

  private Call call(Opcode opcode) {
    return calls.computeIfAbsent(
        opcode,
        code ->
            call(
                "run_" + code.name().toLowerCase(Locale.ROOT),
                List.of(KernelProgram.integer("entry"))));
  }

  /** A kernel and its argument array, whose shared part is filled in once. */
  private final class Call {
    private final OpenCLKernel kernel;
    private final Object[] arguments;

    Call(OpenCLKernel kernel, int count) {
      this.kernel = kernel;
      arguments = new Object[1 + count];
      arguments[0] = range;
      System.arraycopy(sharedArguments, 0, arguments, 1, sharedArguments.length);
    }

    Call with(int position, Object value) {
      arguments[1 + sharedArguments.length + position] = value;
      return this;
    }

    void invoke() {
      program.invoke(kernel, arguments);
      launches = (launches + 1) % COUNT_MODULUS;
    }
  }

  /** A kernel that copies between a staging array and what stays on the device. */
  private final class Staging {
    private static final int OFFSET = 1;
    private static final int COUNT = 2;
    private static final int FURTHER = 3;

    private final OpenCLArgDescriptor descriptor;
    private final Call call;

    /** Also runs it once for nothing, since Aparapi makes the buffer in the first call. */
    Staging(String kernel, OpenCLArgDescriptor descriptor, Object array, String... integers) {
      List<OpenCLArgDescriptor> own = new ArrayList<>(List.of(descriptor));
      for (String integer : integers) {
        own.add(KernelProgram.integer(integer));
      }
      this.descriptor = descriptor;
      call = call(kernel, own).with(0, array);
      for (int position = OFFSET; position <= integers.length; position++) {
        call.with(position, 0);
      }
      call.invoke();
    }

    /** Moves {@code count} elements, and {@code elements} of the staging array around the call. */
    void move(int elements, int offset, int count, int... further) {
      descriptor.memVal.sizeInBytes = elements * Float.BYTES;
      call.with(OFFSET, offset).with(COUNT, count);
      for (int i = 0; i < further.length; i++) {
        call.with(FURTHER + i, further[i]);
      }
      call.invoke();
    }
  }

  @Override
  public void launch(CommandBuffer buffer, int first, int count) {
    NativeLock.acquire();
    try {
      int end = buffer.word(first + count);
      storeWords(end);
      for (int entry = buffer.word(first); entry < end; entry += Command.WORDS) {
        call(table.opcode(entry)).with(0, entry).invoke();
      }
    } finally {
      NativeLock.release();
    }
  }

  /** Stores the table's words up to {@code end} on the device, those that are not there yet. */
  private void storeWords(int end) {
    while (storedWords < end) {
      int count = Math.min(end - storedWords, wordsIn.length);
      System.arraycopy(table.words(), storedWords, wordsIn, 0, count);
      stageWords.move(count, storedWords, count);
      storedWords += count;
    }
  }

  @Override
  public void upload(Span span) {
    NativeLock.acquire();
    try {
      for (int done = 0; done < span.length(); done += floatsIn.length) {
        int count = Math.min(span.length() - done, floatsIn.length);
        int offset = span.offset() + done;
        System.arraycopy(span.arena().array(), offset, floatsIn, 0, count);
        stageIn.move(count, offset, count, span.arena().index());
      }
    } finally {
      NativeLock.release();
    }
  }

  @Override
  public void download(Span span) {
    NativeLock.acquire();
    try {
      int chunk = floatsOut.length - TRAILER;
      for (int done = 0; done < span.length(); done += chunk) {
        int count = Math.min(span.length() - done, chunk);
        int offset = span.offset() + done;
        nonce = (nonce + 1) % COUNT_MODULUS;
        stageOut.move(count + TRAILER, offset, count, span.arena().index(), nonce);
        requireAllLaunched(count);
        System.arraycopy(floatsOut, 0, span.arena().array(), offset, count);
      }
    } finally {
      NativeLock.release();
    }
  }

  /** For tests: counts a launch that the device does not see. */
  void forget() {
    launches++;
  }

  private void requireAllLaunched(int count) {
    int counted = (int) floatsOut[count];
    if (counted != launches || floatsOut[count + 1] != nonce) {
      throw new ComputeException(
          "The device did not run all commands; the OpenCL error is on standard error: launches="
              + launches
              + ", counted="
              + counted);
    }
  }
}
