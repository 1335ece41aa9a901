package io.shardfire.sharding.wire;

import io.shardfire.sharding.collective.CollectiveKey;

/**
 * Which collective of which group a message belongs to, and who sent it.
 *
 * @param group name of the group, 1 to {@link #MAX_GROUP} ASCII characters
 * @param generation attempt of the run that the group belongs to, from 0
 * @param sender rank of the sender
 */
public record MessageHeader(
    String group, int generation, int sender, CollectiveKey key, Operation operation) {
  /** Longest name of a group. */
  public static final int MAX_GROUP = 64;

  /** Bytes of the longest header. */
  static final int MAX_BYTES = 23 + MAX_GROUP;

  /** Checks the group's name. */
  public MessageHeader {
    checkGroup(group);
  }

  static void checkGroup(String group) {
    boolean ascii = group.chars().allMatch(c -> c > ' ' && c < 127);
    if (group.isEmpty() || group.length() > MAX_GROUP || !ascii) {
      throw new IllegalArgumentException(
          "A group's name has 1 to " + MAX_GROUP + " visible ASCII characters: group=" + group);
    }
  }

  /** For error texts. */
  public String describe() {
    return "group=%s, generation=%d, sender=%d, operation=%s, phase=%s, unit=%d, step=%d"
        .formatted(
            group, generation, sender, operation.call(), key.phase(), key.unit(), key.step());
  }
}
