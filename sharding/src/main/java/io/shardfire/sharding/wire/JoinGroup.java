package io.shardfire.sharding.wire;

/**
 * First message of a connection: all further ones come from this rank of this group. The receiver
 * refuses it when the group's shape or the chunk size differ from its own.
 *
 * <pre>
 * byte  0  int32  generation
 *       4  int32  sender
 *       8  int32  worldSize
 *      12  int32  chunkBytes
 *      16  uint8  length of the group's name, g
 *      17  g      the group's name, ASCII
 * </pre>
 */
public record JoinGroup(String group, int generation, int sender, int worldSize, int chunkBytes)
    implements PeerMessage {
  /** Checks the group's name. */
  public JoinGroup {
    MessageHeader.checkGroup(group);
  }
}
