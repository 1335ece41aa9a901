package io.shardfire.worker.objective;

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
   * Those of a model's tokenizer.
   *
   * @throws io.shardfire.worker.data.DataException when it lacks one
   */
  public static PairTokens of(TokenizerFiles tokenizer) {
    return new PairTokens(Vocabulary.of(tokenizer), ObjectiveKind.SEQUENCE_TO_SEQUENCE);
  }

  PairTokens(Vocabulary vocabulary, ObjectiveKind kind) {
    this(vocabulary.padding(SettingText.name(kind)), vocabulary.end(SettingText.name(kind)));
  }
}
