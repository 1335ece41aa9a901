package io.shardfire.sharding.wire;

/**
 * A {@link GradientShard} lies, as the message it would have been, in a slot of the segment that
 * the sender has offered. The slot is the sender's again once this message is answered.
 *
 * <pre>
 * byte  0  int32  slot
 *       4  int32  bytes of the message in the slot
 * </pre>
 */
public record ShardInSegment(int slot, int bytes) implements PeerMessage {}
