package io.shardfire.sharding.wire;

/**
 * One rank's part of a byte gather; small, so it is sent without being asked for.
 *
 * <pre>
 * byte  0     header   see {@link GradientShard}, h bytes
 *       h     int32    length n, at most {@link #MAX_BYTES}
 *     h+4     int32    CRC32C of the bytes
 *     h+8     n        the bytes
 * </pre>
 *
 * @param bytes not copied; the receiver owns what it decoded
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere; a copy would double the memory
public record ByteShare(MessageHeader header, byte[] bytes) implements PeerMessage {
  /** Most bytes that one rank may contribute. */
  public static final int MAX_BYTES = 16 << 20;
}
