package io.shardfire.worker.objective;

import io.shardfire.worker.random.CounterRandom;

/**
 * A pseudo-random permutation of 0 to size-1 that is computed per element: a balanced Feistel
 * network (Luby and Rackoff, 1988) over the next even power of two, repeated while the result lies
 * outside (cycle walking; Black and Rogaway, 2002). The network covers less than four times the
 * size, so an element takes fewer than four tries on average. Stateless; thread-safe.
 */
record KeyedPermutation(long key, long size) {
  private static final int ROUNDS = 6;

  KeyedPermutation {
    if (size < 1 || size > 1L << 62) {
      throw new IllegalArgumentException("A permutation needs 1 to 2^62 elements: size=" + size);
    }
  }

  /** Where {@code index} goes. */
  long apply(long index) {
    int bits = 64 - Long.numberOfLeadingZeros(size - 1);
    int half = Math.max(1, (bits + 1) / 2);
    long value = index;
    do {
      value = network(value, half);
    } while (value >= size);
    return value;
  }

  private long network(long value, int half) {
    long mask = (1L << half) - 1;
    long left = value >>> half;
    long right = value & mask;
    for (int round = 0; round < ROUNDS; round++) {
      long mixed = CounterRandom.mix(key + round, right) & mask;
      long next = left ^ mixed;
      left = right;
      right = next;
    }
    return left << half | right;
  }
}
