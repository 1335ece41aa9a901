package io.shardfire.worker.generate;

import java.util.Arrays;

/** All tokens of a sequence: its prompt, and what was generated after it. */
final class TokenHistory {
  private final int promptLength;
  private int[] tokens;
  private int length;

  /** A prompt of at least one token. */
  TokenHistory(int... prompt) {
    this(prompt.length, prompt.clone(), prompt.length);
  }

  private TokenHistory(int promptLength, int[] tokens, int length) {
    this.promptLength = promptLength;
    this.tokens = tokens;
    this.length = length;
  }

  /** The same for a sequence that goes on from here on its own. */
  TokenHistory copy() {
    return new TokenHistory(promptLength, tokens.clone(), length);
  }

  void append(int token) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * length);
    }
    tokens[length++] = token;
  }

  int last() {
    return tokens[length - 1];
  }

  /** Tokens after the prompt. */
  int generatedLength() {
    return length - promptLength;
  }

  /** The tokens that were given. */
  int[] prompt() {
    return Arrays.copyOf(tokens, promptLength);
  }

  /** The tokens after the prompt. */
  int[] generated() {
    return Arrays.copyOfRange(tokens, promptLength, length);
  }

  /** Gives a slot all tokens but the last, which the next step appends. */
  void begin(DecodingSession session, int slot) {
    session.fill(slot, tokens, 0, length - 1);
  }

  /** The same with the newest {@code count} tokens. */
  void beginWithNewest(DecodingSession session, int slot, int count) {
    session.fill(slot, tokens, length - count, length - 1);
  }
}
