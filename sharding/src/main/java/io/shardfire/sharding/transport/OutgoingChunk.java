package io.shardfire.sharding.transport;

import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.ShardInSegment;
import io.shardfire.sharding.wire.WireCodec;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * Room for one chunk on its way to a peer, used again once the chunk was acknowledged. Only for the
 * sending thread.
 */
sealed interface OutgoingChunk {
  /** Writes the chunk and returns what to send. */
  ByteBuffer write(WireCodec codec, GradientShard shard);

  /** A buffer of this process, sent as it is. */
  record InBuffer(ByteBuffer buffer) implements OutgoingChunk {
    @Override
    public ByteBuffer write(WireCodec codec, GradientShard shard) {
      codec.encode(shard, buffer);
      return buffer;
    }
  }

  /** A slot of the memory shared with the peer, which is told that the chunk lies there. */
  record InSlot(int slot, ByteBuffer memory, ByteBuffer notice) implements OutgoingChunk {
    private static final int NOTICE_BYTES = 64;

    static InSlot of(SharedSegment segment, int slot) {
      return new InSlot(slot, segment.slot(slot), ByteBuffer.allocate(NOTICE_BYTES));
    }

    /** The same slot, for when the transport may still hold the notice. */
    InSlot withNewNotice() {
      return new InSlot(slot, memory, ByteBuffer.allocate(NOTICE_BYTES));
    }

    @Override
    public ByteBuffer write(WireCodec codec, GradientShard shard) {
      codec.encode(shard, memory);
      // The peer must see the chunk when it sees the notice.
      VarHandle.releaseFence();
      codec.encode(new ShardInSegment(slot, memory.limit()), notice);
      return notice;
    }
  }
}
