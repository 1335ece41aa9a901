package io.shardfire.worker.generate;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.objective.PairTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Makes tokens of prompts: what a decoder continues, or the source that an encoder reads, as
 * training on pairs writes it.
 *
 * @param pair the special tokens beside a source; null where there is none
 */
record PromptEncoder(ModelConfiguration model, Tokenizer tokenizer, PairTokens pair) {

  /**
   * The tokens that are used.
   *
   * @param index number of the prompt, from 0
   * @param listener told what is not used of a long prompt
   */
  EncodedPrompt encode(
      int index, Prompt prompt, GenerationOptions options, GenerationListener listener) {
    int[] tokens = tokenizer.encode(prompt.text(), options.specialTokens());
    for (int token : tokens) {
      requireKnown(index, token);
    }
    return pair == null
        ? continued(index, prompt.seed(), tokens, options.maxTokens(), listener)
        : source(index, prompt.seed(), tokens, listener);
  }

  private void requireKnown(int index, int token) {
    if (token >= model.vocabularySize()) {
      throw new IllegalArgumentException(
          "The prompt has a token that the model lacks, so tokenizer.json belongs to another"
              + " model: prompt="
              + (index + 1)
              + ", token="
              + token
              + ", vocabularySize="
              + model.vocabularySize());
    }
  }

  private EncodedPrompt continued(
      int index, long seed, int[] text, int maxTokens, GenerationListener listener) {
    int[] tokens = document(text);
    int used = ContextWindow.promptTokens(model.context(), tokens.length, maxTokens);
    if (used < tokens.length) {
      listener.notice(
          "prompt "
              + (index + 1)
              + " has "
              + tokens.length
              + " tokens, more than the model's context of "
              + model.context()
              + "; only its last "
              + used
              + " are used");
    }
    return EncodedPrompt.continued(
        index, seed, Arrays.copyOfRange(tokens, tokens.length - used, tokens.length));
  }

  /** The source of a text's tokens, up to as many as the encoder reads, and its end. */
  EncodedPrompt source(int index, long seed, int[] text, GenerationListener listener) {
    int used = Math.min(text.length, model.source() - 1);
    if (used < text.length) {
      listener.notice(
          "prompt "
              + (index + 1)
              + " has "
              + text.length
              + " tokens, and with its end more than the model's source context of "
              + model.source()
              + "; only its first "
              + used
              + " are used");
    }
    int[] source = Arrays.copyOf(text, used + 1);
    source[used] = pair.end();
    return EncodedPrompt.encoded(index, seed, pair.padding(), source);
  }

  /** As prepare writes a document: behind the token that begins one, where there is one. */
  private int[] document(int[] text) {
    OptionalInt begin = tokenizer.beginOfText();
    if (text.length == 0) {
      return new int[] {begin.orElseGet(this::endOfDocument)};
    }
    return begin.isEmpty() || begin.getAsInt() == text[0]
        ? text
        : IntStream.concat(IntStream.of(begin.getAsInt()), Arrays.stream(text)).toArray();
  }

  /** A document begins where another ends. */
  private int endOfDocument() {
    return tokenizer
        .endOfText()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "The prompt must not be empty, because this vocabulary has no end-of-text token"
                        + " to start a document with; give at least one character:"
                        + " promptTokens=0"));
  }
}
