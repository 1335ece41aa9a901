package io.shardfire.worker.objective;

import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.resume.SettingText;
import io.shardfire.worker.tokenizer.TokenizerFiles;

/**
 * What an objective needs of a corpus, decided by the corpus's index and tokenizer.
 *
 * @param settings resolved
 * @param form that they have for the model
 */
public record CorpusNeeds(ObjectiveSettings settings, BatchForm form) {
  /** Whether it must be known where documents end. */
  public boolean documents() {
    return settings.packing() != Packing.STREAM;
  }

  /** Tokens that a split has at least; 1 where sequences are documents. */
  public int fewestTokens() {
    if (settings.packing() == Packing.PADDED) {
      return 1;
    }
    return switch (settings.kind()) {
      case MASKED -> form.time() - PassageFields.SPECIAL;
      case SPAN_CORRUPTION -> lengths().stretch();
      default -> form.time() + 1;
    };
  }

  private SpanLengths lengths() {
    return SpanLengths.of(form.source(), settings.maskedShare(), settings.meanSpan());
  }

  /** Sequences of an epoch of the training split. */
  public long sequencesPerEpoch(TokenIndex index) {
    if (settings.packing() == Packing.PADDED) {
      long documents = index.documents(TokenSplit.TRAIN);
      return index.content() == CorpusContent.PAIRS && form.source() > 0
          ? documents / 2
          : documents;
    }
    return new SampleOrder(index.tokens(TokenSplit.TRAIN), fewestTokens() - 1, 0).windows();
  }

  /**
   * Checks that a corpus has what is needed, but for enough of it.
   *
   * @throws DataException naming what is missing, with the remedy
   */
  public void check(TokenIndex index, TokenizerFiles tokenizer) {
    if (settings.kind() == ObjectiveKind.SEQUENCE_TO_SEQUENCE
        && index.content() != CorpusContent.PAIRS) {
      throw new DataException(
          "The corpus holds no pairs, but texts without targets; prepare pairs with --documents"
              + " pairs or json-pairs, or set another training.objective: training.objective="
              + SettingText.name(settings.kind()));
    }
    if (documents() && !index.hasDocuments()) {
      throw new DataException(
          "The corpus does not say where its documents end, for an older version wrote it; prepare"
              + " it anew, or set training.packing=stream: training.packing="
              + SettingText.name(settings.packing()));
    }
    Vocabulary vocabulary = Vocabulary.of(tokenizer);
    switch (settings.kind()) {
      case AUTO, CAUSAL -> {}
      case MASKED -> {
        PassageFields.of(vocabulary, form.time());
        vocabulary.mask();
      }
      case SPAN_CORRUPTION -> {
        new PairTokens(vocabulary, settings.kind());
        vocabulary.sentinels(lengths().spans());
      }
      case SEQUENCE_TO_SEQUENCE -> new PairTokens(vocabulary, settings.kind());
    }
  }
}
