package io.shardfire.sharding.collective;

import java.util.Objects;

/** Part of an array, without a copy. */
@SuppressWarnings("ArrayRecordComponent") // a view: two are equal when they view the same array
public record FloatRange(float[] array, int offset, int length) {
  /** Checks the bounds. */
  public FloatRange {
    Objects.checkFromIndexSize(offset, length, array.length);
  }

  /** A part, with an offset relative to this range. */
  public FloatRange slice(int from, int count) {
    Objects.checkFromIndexSize(from, count, length);
    return new FloatRange(array, offset + from, count);
  }
}
