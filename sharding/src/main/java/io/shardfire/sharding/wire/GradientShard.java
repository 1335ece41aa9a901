package io.shardfire.sharding.wire;

/**
 * One chunk of the floats that one rank sends another in a collective.
 *
 * <pre>
 * byte  0     int32    generation   \
 *       4     int32    sender        |
 *       8     int64    step          |
 *      16     int32    unit          |  header, h = 23 + g bytes
 *      20     uint8    phase         |
 *      21     uint8    operation     |
 *      22     uint8    g             |
 *      23     g        group, ASCII /
 *       h     int32    chunk        number of the chunk, from 0
 *     h+4     uint8    element type
 *     h+5     int32    offset       first float, counted in what the receiver asked for
 *     h+9     int32    count        elements in the payload
 *    h+13     int32    CRC32C of the payload
 *    h+17     b*count  payload, little-endian, b bytes an element
 * </pre>
 *
 * @param offset first float of the payload, counted in what the receiver asked for
 */
public record GradientShard(MessageHeader header, int chunk, int offset, ShardPayload payload)
    implements PeerMessage {
  /** Bytes of a message beside its payload, at most. */
  public static final int MAX_OVERHEAD = WireCodec.PREFIX_BYTES + MessageHeader.MAX_BYTES + 17;
}
