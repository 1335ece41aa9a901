package io.shardfire.worker.generate;

import io.shardfire.worker.tokenizer.Tokenizer;

/**
 * What the continuations of one call share.
 *
 * @param vocabularySize ids from here on are never chosen
 */
record GenerationRun(
    DecodingSession session,
    ContextWindow window,
    GenerationOptions options,
    int vocabularySize,
    Tokenizer tokenizer,
    GenerationListener listener) {

  /** The text of an empty continuation. */
  GeneratedText text() {
    return new GeneratedText(tokenizer, options.stops());
  }

  /** Whether a token ends the text. */
  boolean endsText(int token) {
    return tokenizer.endOfText().orElse(DecodingSession.IDLE) == token;
  }
}
