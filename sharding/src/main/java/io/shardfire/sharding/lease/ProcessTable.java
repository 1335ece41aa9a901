package io.shardfire.sharding.lease;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The processes of this machine, as Linux shows them. Elsewhere nothing is known of any process.
 * Thread-safe.
 */
public class ProcessTable {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");

  /** After the name of the program, which may hold anything but ends the only brackets. */
  private static final int STATE = 0;

  private static final int START = 19;

  /**
   * Where process ids mean what they mean here: this start of this kernel, and within it this
   * container. Two containers may have one host name and know nothing of each other's processes.
   */
  public String machine() {
    try {
      return Files.readString(BOOT).strip() + "/" + Files.readSymbolicLink(NAMESPACE);
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  /**
   * When a process started, in clock ticks since the machine did, which no change of the clock
   * touches; empty when there is no such process or it has ended.
   */
  public OptionalLong started(long process) {
    try {
      String line = Files.readString(Path.of("/proc/" + process + "/stat"));
      String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ", -1);
      boolean ended = fields[STATE].equals("Z") || fields[STATE].equals("X");
      return ended ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(fields[START]));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** What can be told of a holder from here. */
  final Liveness liveness(LeaseHolder holder) {
    if (holder.machine().isEmpty() || !holder.machine().equals(machine())) {
      return Liveness.UNKNOWN;
    }
    OptionalLong started = started(holder.process());
    return started.isPresent() && started.getAsLong() == holder.started()
        ? Liveness.ALIVE
        : Liveness.ENDED;
  }

  /** Whether a process lives. */
  enum Liveness {
    /** It runs on this machine. */
    ALIVE,
    /** It ran on this machine and has ended. */
    ENDED,
    /** It runs, or ran, somewhere else. */
    UNKNOWN
  }
}
