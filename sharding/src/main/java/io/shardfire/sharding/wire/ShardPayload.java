package io.shardfire.sharding.wire;

import io.shardfire.sharding.collective.Bf16;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;

/** The floats of a shard: an array's on their way out, a message's on their way in. */
public sealed interface ShardPayload {
  /** As what the floats travel. */
  ElementType type();

  /** Number of floats. */
  int elements();

  /** Appends the floats to a little-endian buffer, as elements of the type. */
  void writeTo(ByteBuffer target);

  /** Copies all floats into an array, which must have room for them, as they arrive. */
  void copyTo(float[] target, int offset);

  /** Floats that stay in the array they come from. */
  record OfFloats(ElementType type, FloatRange range) implements ShardPayload {
    @Override
    public int elements() {
      return range.length();
    }

    @Override
    public void writeTo(ByteBuffer target) {
      switch (type) {
        case FP32 -> target.asFloatBuffer().put(range.array(), range.offset(), range.length());
        case BF16 -> round(target.asShortBuffer());
      }
      target.position(target.position() + range.length() * type.bytes());
    }

    @Override
    public void copyTo(float[] target, int offset) {
      switch (type) {
        case FP32 ->
            System.arraycopy(range.array(), range.offset(), target, offset, range.length());
        case BF16 -> Bf16.round(range, new FloatRange(target, offset, range.length()));
      }
    }

    private void round(ShortBuffer target) {
      float[] source = range.array();
      int offset = range.offset();
      for (int i = 0; i < range.length(); i++) {
        target.put(i, Bf16.round(source[offset + i]));
      }
    }
  }

  /** Little-endian bytes inside a received message, valid only while the message is handled. */
  record OfBytes(ElementType type, ByteBuffer bytes) implements ShardPayload {
    @Override
    public int elements() {
      return bytes.remaining() / type.bytes();
    }

    @Override
    public void writeTo(ByteBuffer target) {
      target.put(bytes.duplicate());
    }

    @Override
    public void copyTo(float[] target, int offset) {
      switch (type) {
        case FP32 -> bytes.asFloatBuffer().get(target, offset, elements());
        case BF16 -> widen(bytes.asShortBuffer(), target, offset);
      }
    }

    private void widen(ShortBuffer source, float[] target, int offset) {
      int length = elements();
      for (int i = 0; i < length; i++) {
        target[offset + i] = Bf16.widen(source.get(i));
      }
    }
  }
}
