package io.shardfire.kernels.ops;

/** B sequences of T tokens, and H units, of which each has G gates. */
public record RecurrentShape(RecurrentCell cell, int batch, int time, int width) {
  /** Checks the sizes. */
  public RecurrentShape {
    new Operands("RecurrentShape")
        .positive("batch", batch)
        .positive("time", time)
        .positive("width", width);
  }

  /** B T. */
  public int rows() {
    return Math.multiplyExact(batch, time);
  }

  /** G H. */
  public int gateWidth() {
    return Math.multiplyExact(cell.gates(), width);
  }

  long stateFloats() {
    return (long) rows() * width;
  }

  long gateFloats() {
    return (long) rows() * gateWidth();
  }
}
