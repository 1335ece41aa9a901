package io.shardfire.worker.program;

import io.shardfire.kernels.ops.HalfPrecision;
import io.shardfire.sharding.layout.UnitRange;

/** How a rank keeps the whole parameters that passes read. */
public enum ParameterFormat {
  /** As they are updated. */
  FP32 {
    @Override
    public UnitRange stored(UnitRange range) {
      return range;
    }

    @Override
    public boolean isFinite(float stored) {
      return Float.isFinite(stored);
    }
  },

  /**
   * Rounded to bf16, to the nearest and ties to even: half the memory, two of them in the word of
   * one float. What is updated stays fp32 and is kept beside them.
   */
  BF16 {
    @Override
    public UnitRange stored(UnitRange range) {
      if (range.offset() % 2 != 0) {
        throw new IllegalArgumentException(
            "A range of parameters in bf16 begins with a word: range=" + range);
      }
      return new UnitRange(range.unit(), range.offset() / 2, HalfPrecision.words(range.length()));
    }

    @Override
    public boolean isFinite(float stored) {
      int word = Float.floatToRawIntBits(stored);
      return Float.isFinite(Float.intBitsToFloat(word << 16))
          && Float.isFinite(Float.intBitsToFloat(word & 0xffff0000));
    }
  };

  /**
   * Where a range of parameters lies in a unit that is kept like this. Tensors and shards begin at
   * even offsets.
   */
  public abstract UnitRange stored(UnitRange range);

  /** Whether every parameter in a float of memory is finite. */
  public abstract boolean isFinite(float stored);
}
