package io.shardfire.sharding.wire;

/**
 * The sender of this message has a place for {@code length} floats of the collective and asks for
 * them. Shards are sent only when asked for, so no rank has to buffer what it did not expect.
 *
 * <pre>
 * byte  0     header   see {@link GradientShard}, h bytes
 *       h     int32    length, floats
 * </pre>
 */
public record ReceiverReady(MessageHeader header, int length) implements PeerMessage {}
