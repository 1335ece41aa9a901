package io.shardfire.driver.corpus;

import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The tokens around a document.
 *
 * @param begin as {@link Tokenizer#beginOfText()}
 * @param end as {@link Tokenizer#endOfText()}
 */
record DocumentMarks(OptionalInt begin, OptionalInt end) {
  /** Documents stand as they are. */
  static final DocumentMarks NONE = new DocumentMarks(OptionalInt.empty(), OptionalInt.empty());

  static DocumentMarks of(Tokenizer tokenizer) {
    return new DocumentMarks(tokenizer.beginOfText(), tokenizer.endOfText());
  }

  /**
   * The ids of a stretch of a document with what stands around it.
   *
   * @param first whether the document begins with them; a source or a target begins with itself
   * @param last whether it ends with them
   */
  int[] around(int[] ids, boolean first, boolean last) {
    IntStream before = first ? begin.stream() : IntStream.empty();
    IntStream behind = last ? end.stream() : IntStream.empty();
    return IntStream.concat(before, IntStream.concat(IntStream.of(ids), behind)).toArray();
  }
}
