package io.shardfire.worker.objective;

import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;

/**
 * What is to be predicted of the sequences of a split. A sequence is a pure function of its number.
 * Allocates nothing after construction. Not thread-safe.
 */
public interface Objective {
  /**
   * The objective of a configuration over a split.
   *
   * @param settings resolved
   * @param form that the settings have for the model
   * @throws DataException when the corpus lacks what the objective needs, with the remedy
   */
  static Objective of(
      ObjectiveSettings settings,
      BatchForm form,
      TokenDataset data,
      TokenSplit split,
      SequenceOrder order) {
    SequenceSource source = new SequenceSource(data, split, order);
    new CorpusNeeds(settings, form).check(data.index(), data.tokenizer());
    Vocabulary vocabulary = Vocabulary.of(data.tokenizer());
    return switch (settings.kind()) {
      case AUTO -> throw new IllegalStateException("The objective is not resolved: " + settings);
      case CAUSAL ->
          switch (settings.packing()) {
            case AUTO, STREAM -> new ContiguousTokens(source, form);
            case PACKED -> new PackedDocuments(source, form);
            case PADDED -> new PaddedDocuments(source, form, vocabulary);
          };
      case MASKED ->
          new MaskedTokens(
              settings.nextSentence()
                  ? new SentencePairs(source, form, vocabulary)
                  : settings.packing() == Packing.PADDED
                      ? new DocumentPassages(source, form, vocabulary)
                      : new StreamPassages(source, form, vocabulary),
              new MaskChoice(vocabulary, settings, form, data.tokenizerJson()),
              form);
      case SPAN_CORRUPTION -> new SpanCorruption(source, form, vocabulary, settings);
      case SEQUENCE_TO_SEQUENCE -> new SequenceToSequence(source, form, vocabulary);
    };
  }

  /** What a sequence counts in the loss, before scaling: a function of lengths alone. */
  double weight(long sequence);

  /**
   * Writes a sequence's fields.
   *
   * @param row of the batch
   * @param scale what weights are multiplied by, which add up to {@code scale} times {@link
   *     #weight}
   */
  void write(long sequence, int row, double scale, BatchSpans batch);
}
