package io.shardfire.sharding.checkpoint;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The element types that are read as float. */
enum ElementType {
  F32(Float.BYTES) {
    @Override
    void decode(ByteBuffer source, float[] destination, int offset, int count) {
      source.asFloatBuffer().get(destination, offset, count);
    }
  },
  /** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
  F16(Short.BYTES) {
    @Override
    void decode(ByteBuffer source, float[] destination, int offset, int count) {
      for (int i = 0; i < count; i++) {
        destination[offset + i] = half(source.getShort(2 * i));
      }
    }
  },
  /** The upper half of a binary32. */
  BF16(Short.BYTES) {
    @Override
    void decode(ByteBuffer source, float[] destination, int offset, int count) {
      for (int i = 0; i < count; i++) {
        destination[offset + i] = Float.intBitsToFloat(source.getShort(2 * i) << 16);
      }
    }
  };

  private static final float SMALLEST_HALF = 0x1p-24f;

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }

  /** Decodes from the beginning of a little-endian buffer. */
  abstract void decode(ByteBuffer source, float[] destination, int offset, int count);

  /** Whether a tensor is of one of these types. */
  static boolean holds(SafetensorsFile.Entry entry) {
    return Arrays.stream(values()).anyMatch(type -> type.name().equals(entry.dtype()));
  }

  /** The type of a tensor. */
  static ElementType of(String file, SafetensorsFile.Entry entry) {
    return switch (entry.dtype()) {
      case "F32" -> F32;
      case "F16" -> F16;
      case "BF16" -> BF16;
      default ->
          throw new CheckpointException(
              "Tensor cannot be read as floats: file="
                  + file
                  + ", tensor="
                  + entry.name()
                  + ", expected dtype=F32, F16 or BF16, actual dtype="
                  + entry.dtype());
    };
  }

  private static float half(short bits) {
    int sign = (bits & 0x8000) << 16;
    int exponent = (bits >>> 10) & 0x1F;
    int fraction = bits & 0x3FF;
    if (exponent == 0) {
      float magnitude = fraction * SMALLEST_HALF;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 0x1F ? 0xFF : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | (wide << 23) | (fraction << 13));
  }
}
