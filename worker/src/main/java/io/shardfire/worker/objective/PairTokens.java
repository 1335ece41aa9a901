package io.shardfire.worker.objective;

/**
 * The special tokens of a source and a target.
 *
 * @param padding fills what is left, and begins what a decoder reads
 * @param end of both
 */
public record PairTokens(int padding, int end) {
  /**
   * Those of a model's tokenizer.json.
   *
   * @throws io.shardfire.worker.data.DataException when it lacks one
   */
  public static PairTokens of(String tokenizerJson) {
    return new PairTokens(Vocabulary.of(tokenizerJson), ObjectiveKind.SEQUENCE_TO_SEQUENCE);
  }

  PairTokens(Vocabulary vocabulary, ObjectiveKind kind) {
    this(
        vocabulary.padding(ObjectiveSettings.key(kind)),
        vocabulary.end(ObjectiveSettings.key(kind)));
  }
}
