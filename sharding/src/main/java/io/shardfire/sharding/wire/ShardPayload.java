package io.shardfire.sharding.wire;

import io.shardfire.sharding.collective.FloatRange;
import java.nio.ByteBuffer;

/** The floats of a shard: an array's on their way out, a message's on their way in. */
public sealed interface ShardPayload {
  /** Number of floats. */
  int elements();

  /** Appends the floats to a little-endian buffer. */
  void writeTo(ByteBuffer target);

  /** Copies all floats into an array, which must have room for them. */
  void copyTo(float[] target, int offset);

  /** Floats that stay in the array they come from. */
  record OfFloats(FloatRange range) implements ShardPayload {
    @Override
    public int elements() {
      return range.length();
    }

    @Override
    public void writeTo(ByteBuffer target) {
      target.asFloatBuffer().put(range.array(), range.offset(), range.length());
      target.position(target.position() + range.length() * Float.BYTES);
    }

    @Override
    public void copyTo(float[] target, int offset) {
      System.arraycopy(range.array(), range.offset(), target, offset, range.length());
    }
  }

  /** Little-endian bytes inside a received message, valid only while the message is handled. */
  record OfBytes(ByteBuffer bytes) implements ShardPayload {
    @Override
    public int elements() {
      return bytes.remaining() / Float.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
      target.put(bytes.duplicate());
    }

    @Override
    public void copyTo(float[] target, int offset) {
      bytes.asFloatBuffer().get(target, offset, elements());
    }
  }
}
