package io.shardfire.worker.generate;

import java.util.List;
import java.util.OptionalDouble;

/**
 * What follows a prompt.
 *
 * @param prompt number of the prompt, from 0
 * @param sample number among the continuations of this prompt, from 0
 * @param seed it was drawn with
 * @param promptTokens tokens of the prompt that were used
 * @param tokens drawn, with the end-of-text and those of a stop string
 * @param text without them
 * @param score of a beam search: log-probabilities over length to the length penalty
 */
public record Continuation(
    int prompt,
    int sample,
    long seed,
    int promptTokens,
    List<Integer> tokens,
    String text,
    Finish finish,
    OptionalDouble score) {
  /** Why a continuation ends. */
  public enum Finish {
    /** The model ended the text. */
    END_OF_TEXT,
    /** A stop string came. */
    STOP,
    /** As many tokens as were asked for. */
    LENGTH
  }

  /** Copies. */
  public Continuation {
    tokens = List.copyOf(tokens);
  }

  /** The tokens but for the one that ends a text. */
  public List<Integer> withoutEnd() {
    return finish == Finish.END_OF_TEXT ? tokens.subList(0, tokens.size() - 1) : tokens;
  }
}
