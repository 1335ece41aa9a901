package io.shardfire.worker.data;

/**
 * CRC32C of a sequence of parts, from the checksums and lengths of the parts. A CRC is the
 * remainder of a polynomial over GF(2), so that what comes behind a part multiplies the part's
 * remainder by a power of x (as in zlib's crc32_combine).
 */
final class ChainedChecksum {
  /** The polynomial of CRC32C, lowest power in the highest bit, without x^32. */
  private static final int POLYNOMIAL = 0x82F63B78;

  private static final int ONE = 1 << 31;
  private static final int X = 1 << 30;

  private int value;

  /** Appends a part. */
  void add(int checksum, long bytes) {
    value = shifted(value, bytes) ^ checksum;
  }

  /** The checksum of all parts. */
  int value() {
    return value;
  }

  /** What a checksum adds to that of the whole when so many bytes come behind its part. */
  static int shifted(int checksum, long bytes) {
    int power = ONE;
    int square = X;
    for (long bits = Math.multiplyExact(bytes, Byte.SIZE); bits != 0; bits >>>= 1) {
      if ((bits & 1) != 0) {
        power = product(power, square);
      }
      square = product(square, square);
    }
    return product(power, checksum);
  }

  /** The inverse of {@link #shifted}; linear in the number of bytes. */
  static int unshifted(int checksum, int bytes) {
    int result = checksum;
    for (int bit = 0; bit < bytes * Byte.SIZE; bit++) {
      result = result < 0 ? (result ^ POLYNOMIAL) << 1 | 1 : result << 1;
    }
    return result;
  }

  private static int product(int a, int b) {
    int sum = 0;
    int multiple = b;
    for (int bit = ONE; bit != 0; bit >>>= 1) {
      if ((a & bit) != 0) {
        sum ^= multiple;
      }
      multiple = (multiple & 1) != 0 ? multiple >>> 1 ^ POLYNOMIAL : multiple >>> 1;
    }
    return sum;
  }
}
