package io.shardfire.worker.objective;

/**
 * The special tokens of a source and a target.
 *
 * @param padding fills what is left, and begins what a decoder reads
 * @param end of both
 */
record PairTokens(int padding, int end) {
  PairTokens(Vocabulary vocabulary, ObjectiveKind kind) {
    this(
        vocabulary.padding(ObjectiveSettings.key(kind)),
        vocabulary.end(ObjectiveSettings.key(kind)));
  }
}
