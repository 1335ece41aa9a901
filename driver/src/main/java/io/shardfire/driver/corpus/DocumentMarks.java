package io.shardfire.driver.corpus;

import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.OptionalInt;

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
    boolean begins = first && begin.isPresent();
    boolean ends = last && end.isPresent();
    if (!begins && !ends) {
      return ids;
    }
    int from = begins ? 1 : 0;
    int[] marked = new int[from + ids.length + (ends ? 1 : 0)];
    if (begins) {
      marked[0] = begin.getAsInt();
    }
    System.arraycopy(ids, 0, marked, from, ids.length);
    if (ends) {
      marked[from + ids.length] = end.getAsInt();
    }
    return marked;
  }
}
