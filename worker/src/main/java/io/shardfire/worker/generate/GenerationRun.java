package io.shardfire.worker.generate;

import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.Set;

/**
 * What the continuations of one call share.
 *
 * @param vocabularySize ids from here on are never chosen
 * @param ends tokens each of which ends a text
 */
record GenerationRun(
    DecodingSession session,
    ContextWindow window,
    GenerationOptions options,
    int vocabularySize,
    Set<Integer> ends,
    Tokenizer tokenizer,
    GenerationListener listener) {

  /** The text of an empty continuation of a prompt. */
  GeneratedText text(int... prompt) {
    return new GeneratedText(tokenizer, options.stops(), prompt);
  }

  /** Whether a token ends the text. */
  boolean endsText(int token) {
    return ends.contains(token);
  }
}
