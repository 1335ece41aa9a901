package io.shardfire.worker.objective;

import io.shardfire.kernels.device.Span;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import java.util.function.LongUnaryOperator;

/** A split of a corpus, in the order in which a run or a validation sees it. Thread-safe. */
record SequenceSource(TokenDataset data, TokenSplit split, SequenceOrder order) {
  /**
   * Where windows of so many tokens begin, by sequence.
   *
   * @throws DataException when the split is shorter
   */
  LongUnaryOperator windows(int length) {
    long tokens = data.tokens(split);
    if (tokens < length) {
      throw new DataException(
          "The split is shorter than one sequence; prepare more text or lower model.context: split="
              + split
              + ", tokens="
              + tokens
              + ", needed="
              + length);
    }
    return order.windows(tokens, length);
  }

  /**
   * Where documents are.
   *
   * @param fewest that there must be
   * @throws DataException when there are fewer, or the corpus does not say
   */
  DocumentTable documents(long fewest) {
    DocumentTable documents = data.documents(split);
    if (documents.documents() < fewest) {
      throw new DataException(
          "The split has too few documents; prepare more text: split="
              + split
              + ", documents="
              + documents.documents()
              + ", needed="
              + fewest);
    }
    return documents;
  }

  /** Writes ids into a span, from its element {@code at} on. */
  void read(long position, Span span, int at, int length) {
    data.read(split, position, span.arena().array(), span.offset() + at, length);
  }
}
