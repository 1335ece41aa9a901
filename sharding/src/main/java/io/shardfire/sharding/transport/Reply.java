package io.shardfire.sharding.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The answer to every message.
 *
 * <pre>
 * empty                              accepted
 * 06 (ACK), then UTF-8               accepted, with a word of the receiver's
 * 15 (NAK), then UTF-8               refused, and why
 * </pre>
 *
 * @param refusal why the message was refused; empty when it was accepted
 * @param word what the receiver has to say; empty for nothing
 */
record Reply(Optional<String> refusal, String word) {
  private static final int MAX_CHARACTERS = 4096;
  private static final byte ACK = 0x06;
  private static final byte NAK = 0x15;

  static ByteBuffer accepted() {
    return ByteBuffer.allocate(0);
  }

  static ByteBuffer acceptedWith(String word) {
    return word.isEmpty() ? accepted() : encode(ACK, word);
  }

  static ByteBuffer refused(String reason) {
    return encode(NAK, reason.isEmpty() ? "no reason" : reason);
  }

  private static ByteBuffer encode(byte status, String text) {
    String bounded = text.substring(0, Math.min(text.length(), MAX_CHARACTERS));
    byte[] bytes = bounded.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + bytes.length).put(status).put(bytes).flip();
  }

  /** Reads an answer, whose buffer may be used again afterwards. */
  static Reply read(ByteBuffer reply) {
    if (!reply.hasRemaining()) {
      return new Reply(Optional.empty(), "");
    }
    ByteBuffer rest = reply.duplicate();
    boolean accepted = rest.get() == ACK;
    String text = StandardCharsets.UTF_8.decode(rest).toString();
    return accepted ? new Reply(Optional.empty(), text) : new Reply(Optional.of(text), "");
  }
}
