package io.shardfire.kernels.device;

/**
 * How floats that are too many for one arena are divided over several, its <em>pages</em>. What
 * belongs together, a <em>block</em>, lies whole in one page, so that an operation finds it as one
 * span. Addresses count floats over all pages; the first page's come first:
 *
 * <pre>
 *   address  0 ...................... capacity - 1 | capacity ........ 2 capacity - 1 | ...
 *            | block 0 | block 1 | too small a gap | block 2 | block 3 |
 *   page     0                                     | 1
 *   offset   12 + address mod capacity
 * </pre>
 *
 * <p>Offsets are 12 modulo 16 where addresses are multiples of 16: a Java array's data starts 16
 * bytes into the object, which makes these offsets 64-byte aligned. Pure arithmetic.
 *
 * @param floats of a page at most
 */
public record PageSize(int floats) {
  /**
   * Lowers the size of pages, for a device that allots less than 2 GiB at once and for tests:
   * floats.
   */
  public static final String PROPERTY = "shardfire.kernels.pageFloats";

  /** Floats between addresses at which blocks start. */
  public static final int ALIGNMENT = 16;

  private static final int FIRST_OFFSET = OffsetAllocator.firstOffset();

  /** Checks that a page holds something and an arena can hold a page. */
  public PageSize {
    if (floats < FIRST_OFFSET + ALIGNMENT || floats > DeviceMemory.MAX_FLOATS) {
      throw new ComputeException(
          "A page holds between "
              + (FIRST_OFFSET + ALIGNMENT)
              + " and "
              + DeviceMemory.MAX_FLOATS
              + " floats: "
              + PROPERTY
              + "="
              + floats);
    }
  }

  /** The largest arena, unless the system property {@value #PROPERTY} says less. */
  public static PageSize configured() {
    return new PageSize(Integer.getInteger(PROPERTY, DeviceMemory.MAX_FLOATS));
  }

  /** Addresses of a page. */
  public int capacity() {
    return (floats - FIRST_OFFSET) / ALIGNMENT * ALIGNMENT;
  }

  /**
   * The lowest address at which a block lies whole in one page.
   *
   * @param from a multiple of {@link #ALIGNMENT}, as the result is
   * @throws ComputeException when no page can hold the block
   */
  public long fit(String name, long from, long length) {
    if (length < 0 || length > capacity()) {
      throw new ComputeException(
          "What one operation works on lies in one arena; reduce the batch, the context or the width"
              + " of the model: block="
              + name
              + ", floats="
              + length
              + ", limit="
              + capacity());
    }
    long left = capacity() - from % capacity();
    return length <= left ? from : from + left;
  }

  /** The page of an address. */
  public int page(long address) {
    return Math.toIntExact(address / capacity());
  }

  /** The offset of an address within the arena of its page. */
  public int offset(long address) {
    return FIRST_OFFSET + (int) (address % capacity());
  }

  /** A length, rounded up to the next address at which a block may start. */
  public static long aligned(long length) {
    return (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
