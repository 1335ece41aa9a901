package io.shardfire.sharding.wire;

/**
 * The sender has made a segment of shared memory and will leave its shards there, if the receiver,
 * which seems to run on the same machine, can open it. Comes right after {@link JoinGroup}.
 *
 * <pre>
 * byte  0  uint8  length of the segment's name, n
 *       1  n      the segment's name, ASCII
 * </pre>
 *
 * @param segment name of a file in the machine's shared-memory folder
 */
public record OfferSegment(String segment) implements PeerMessage {
  /** Checks the name's characters and length; the receiver checks its form. */
  public OfferSegment {
    MessageSerializer.checkName("A segment's name", "segment", segment);
  }
}
