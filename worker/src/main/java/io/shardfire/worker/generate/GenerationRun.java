package io.shardfire.worker.generate;

import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.OptionalInt;

/**
 * What the continuations of one call share.
 *
 * @param vocabularySize ids from here on are never chosen
 * @param end the token that ends a text, if there is one
 */
record GenerationRun(
    DecodingSession session,
    ContextWindow window,
    GenerationOptions options,
    int vocabularySize,
    OptionalInt end,
    Tokenizer tokenizer,
    GenerationListener listener) {

  /** The text of an empty continuation of a prompt. */
  GeneratedText text(int... prompt) {
    return new GeneratedText(tokenizer, options.stops(), prompt);
  }

  /** Whether a token ends the text. */
  boolean endsText(int token) {
    return end.orElse(DecodingSession.IDLE) == token;
  }
}
