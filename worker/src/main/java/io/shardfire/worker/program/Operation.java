package io.shardfire.worker.program;

import java.util.List;

/**
 * A step of a program: usually one kernel.
 *
 * @param reads what must have been written before
 * @param writes what is written, or added to
 * @param occasion in which runs of the program it takes part
 */
public record Operation(
    String name, List<Operand> reads, List<Operand> writes, Emission emission, Occasion occasion) {
  /** When an operation runs. */
  public enum Occasion {
    /** In every run. */
    ALWAYS,
    /**
     * In the first run after parameters have changed: it reads nothing but parameters, and what it
     * writes lasts.
     */
    NEW_PARAMETERS
  }

  /** Copies. */
  public Operation {
    reads = List.copyOf(reads);
    writes = List.copyOf(writes);
  }

  /** One that takes part in every run. */
  public Operation(String name, List<Operand> reads, List<Operand> writes, Emission emission) {
    this(name, reads, writes, emission, Occasion.ALWAYS);
  }

  /** Whether it says that it uses this operand. */
  public boolean uses(Operand operand) {
    return contains(reads, operand) || contains(writes, operand);
  }

  private static boolean contains(List<Operand> operands, Operand wanted) {
    for (Operand operand : operands) {
      if (operand instanceof Value value && wanted instanceof Value other) {
        if (value.storage() == other.storage()) {
          return true;
        }
      } else if (operand.equals(wanted)) {
        return true;
      }
    }
    return false;
  }
}
