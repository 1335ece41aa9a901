package io.shardfire.worker.objective;

import io.shardfire.worker.architecture.ModelTokens;
import io.shardfire.worker.resume.SettingText;
import io.shardfire.worker.tokenizer.TokenizerFiles;

/**
 * The special tokens of a source and a target.
 *
 * @param padding fills what is left, and begins what a decoder reads
 * @param end of both
 */
public record PairTokens(int padding, int end) {
  /**
   * Those of a model: what its config.json names, else what its tokenizer has.
   *
   * @throws io.shardfire.worker.data.DataException when neither has them
   */
  public static PairTokens of(ModelTokens tokens, TokenizerFiles tokenizer) {
    // Checkpoints of earlier versions name a start that training never used, but no padding.
    if (tokens.padding().isPresent() && !tokens.ends().isEmpty()) {
      int start = tokens.start().orElse(tokens.padding().getAsInt());
      return new PairTokens(start, tokens.ends().get(0));
    }
    return new PairTokens(Vocabulary.of(tokenizer), ObjectiveKind.SEQUENCE_TO_SEQUENCE);
  }

  PairTokens(Vocabulary vocabulary, ObjectiveKind kind) {
    this(vocabulary.padding(SettingText.name(kind)), vocabulary.end(SettingText.name(kind)));
  }
}
