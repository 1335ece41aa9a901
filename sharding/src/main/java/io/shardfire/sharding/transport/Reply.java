package io.shardfire.sharding.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The answer to every message: nothing when it was accepted, otherwise why not, in UTF-8. */
final class Reply {
  private static final int MAX_CHARACTERS = 4096;

  private Reply() {}

  static ByteBuffer accepted() {
    return ByteBuffer.allocate(0);
  }

  static ByteBuffer refused(String reason) {
    String text = reason.isEmpty() ? "no reason" : reason;
    String bounded = text.substring(0, Math.min(text.length(), MAX_CHARACTERS));
    return ByteBuffer.wrap(bounded.getBytes(StandardCharsets.UTF_8));
  }

  /** Why the message was refused; empty when it was accepted. */
  static Optional<String> refusal(ByteBuffer reply) {
    return reply.hasRemaining()
        ? Optional.of(StandardCharsets.UTF_8.decode(reply.duplicate()).toString())
        : Optional.empty();
  }
}
