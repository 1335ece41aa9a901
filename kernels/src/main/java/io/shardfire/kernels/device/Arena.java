package io.shardfire.kernels.device;

/**
 * A named float array the device works on in place.
 *
 * <pre>
 *   array:  | usable floats ............ | {@link #READ_SLACK} floats | launch mark | padding |
 *           0                        size()                                        (see {@link HumongousArrays})
 * </pre>
 *
 * Vectors may read into the slack but never write there. The launch mark is how a kernel notices
 * that the array is not where the device believes it is.
 */
public final class Arena {
  /** Floats behind the last usable one that kernels may read. */
  static final int READ_SLACK = 64;

  private final DeviceMemory memory;
  private final int index;
  private final String name;
  private final int size;
  private final float[] array;
  private final float[] deviceArray;

  Arena(DeviceMemory memory, int index, String name, int size, float[] array, float[] deviceArray) {
    this.memory = memory;
    this.index = index;
    this.name = name;
    this.size = size;
    this.array = array;
    this.deviceArray = deviceArray;
  }

  /** The name errors use. */
  public String name() {
    return name;
  }

  /** Usable floats. */
  public int size() {
    return size;
  }

  /**
   * The host's array, to be touched between runs of command buffers only. Where the device has
   * memory of its own it sees what {@link Span#upload} sent, and the array holds what {@link
   * Span#download} brought; CPU devices work on this very array.
   */
  public float[] array() {
    return array;
  }

  /** A checked view. */
  public Span span(int offset, int length) {
    return new Span(this, offset, length);
  }

  /** What backs the device's buffer: {@link #array()} itself where memory is shared. */
  float[] deviceArray() {
    return deviceArray;
  }

  DeviceMemory memory() {
    return memory;
  }

  int index() {
    return index;
  }

  /** Index of the launch mark. */
  int markIndex() {
    return size + READ_SLACK;
  }

  @Override
  public String toString() {
    return name + "[size=" + size + "]";
  }
}
