package io.shardfire.sharding.wire;

import io.shardfire.sharding.collective.CollectiveKey;

/**
 * Which collective of which group a message belongs to, and who sent it.
 *
 * @param group name of the group, 1 to {@link MessageSerializer#MAX_NAME} visible ASCII characters
 * @param generation attempt of the run that the group belongs to, from 0
 * @param sender rank of the sender
 */
public record MessageHeader(
    String group, int generation, int sender, CollectiveKey key, Operation operation) {
  /** Bytes of the longest header. */
  static final int MAX_BYTES = 23 + MessageSerializer.MAX_NAME;

  /** Checks the group's name. */
  public MessageHeader {
    checkGroup(group);
  }

  static void checkGroup(String group) {
    MessageSerializer.checkName("A group's name", "group", group);
  }

  /** For error texts. */
  public String describe() {
    return "group=%s, generation=%d, sender=%d, operation=%s, phase=%s, unit=%d, step=%d"
        .formatted(
            group, generation, sender, operation.call(), key.phase(), key.unit(), key.step());
  }
}
