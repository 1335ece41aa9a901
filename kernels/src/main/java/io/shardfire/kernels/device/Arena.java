package io.shardfire.kernels.device;

/** A named float array the device works on in place. */
public final class Arena {
  Arena() {}

  /** The name errors use. */
  public String name() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Usable floats. */
  public int size() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The backing array: what the device reads and writes, between runs of command buffers only. */
  public float[] array() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** A checked view. */
  public Span span(int offset, int length) {
    throw new UnsupportedOperationException("skeleton");
  }
}
