package io.shardfire.kernels.device;

/**
 * Hands out aligned offsets inside an arena that may not exist yet, so that memory can be planned
 * before it is allocated. Offsets are 12 modulo 16: a Java array's data starts 16 bytes into the
 * object, which makes these offsets 64-byte aligned. Not thread-safe.
 */
public final class OffsetAllocator {
  private static final int ALIGNMENT = 16;
  private static final int FIRST = 12;

  private long next = FIRST;

  /** The first offset allocators return. */
  public static int firstOffset() {
    return FIRST;
  }

  /**
   * Reserves {@code floats} floats.
   *
   * @throws ComputeException when the arena would pass {@link DeviceMemory#MAX_FLOATS}
   */
  public int allocate(String name, long floats) {
    long offset = next;
    long end = offset + floats;
    if (floats < 0 || end > DeviceMemory.MAX_FLOATS) {
      throw new ComputeException(
          "An arena holds at most "
              + DeviceMemory.MAX_FLOATS
              + " floats; reduce the batch, the context or the model: tensor="
              + name
              + ", floats="
              + floats
              + ", offset="
              + offset);
    }
    next = (end - FIRST + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + FIRST;
    return (int) offset;
  }

  /** Floats the arena needs to hold everything allocated so far. */
  public long size() {
    return next;
  }
}
