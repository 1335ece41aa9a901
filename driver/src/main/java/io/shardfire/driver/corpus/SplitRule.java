package io.shardfire.driver.corpus;

import io.shardfire.worker.data.TokenSplit;
import java.io.Serializable;

/** Decides which text goes to which split. Stateless and thread-safe. */
sealed interface SplitRule extends Serializable {
  /** Takes one stretch of one document's text. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes it.
     *
     * @param split where it goes
     * @param text never empty
     * @param last whether the document ends here
     */
    void accept(TokenSplit split, String text, boolean last);
  }

  /**
   * Hands the document's text over, in one stretch or cut in two.
   *
   * @param text the document
   * @param separator what follows it; belongs to the text, but not to what is hashed
   * @param position of the document's first code point in the whole corpus
   */
  void assign(String text, String separator, long position, Sink sink);

  /**
   * Where a whole document goes that cannot be cut.
   *
   * @param text that decides
   * @param position of the document's first code point in the whole corpus
   */
  TokenSplit splitOf(String text, long position);

  /** See {@link SplitMode#HASHED}. */
  record Hashed(double validationFraction, long seed) implements SplitRule {
    private static final double UNIT = 0x1p-53;

    @Override
    public void assign(String text, String separator, long position, Sink sink) {
      sink.accept(splitOf(text, position), text + separator, true);
    }

    @Override
    public TokenSplit splitOf(String text, long position) {
      double uniform = (TextHash.of(text, seed) >>> 11) * UNIT;
      return uniform < validationFraction ? TokenSplit.VALIDATION : TokenSplit.TRAIN;
    }
  }

  /**
   * See {@link SplitMode#CONTIGUOUS}.
   *
   * @param trainCodePoints where validation begins
   */
  record Contiguous(long trainCodePoints) implements SplitRule {
    /** The rule for a corpus of {@code codePoints}. */
    static Contiguous of(double validationFraction, long codePoints) {
      return new Contiguous((long) (codePoints * (1 - validationFraction)));
    }

    @Override
    public TokenSplit splitOf(String text, long position) {
      return position < trainCodePoints ? TokenSplit.TRAIN : TokenSplit.VALIDATION;
    }

    @Override
    public void assign(String text, String separator, long position, Sink sink) {
      String whole = text + separator;
      long before = trainCodePoints - position;
      if (before <= 0) {
        sink.accept(TokenSplit.VALIDATION, whole, true);
      } else if (before >= whole.codePointCount(0, whole.length())) {
        sink.accept(TokenSplit.TRAIN, whole, true);
      } else {
        int cut = whole.offsetByCodePoints(0, (int) before);
        sink.accept(TokenSplit.TRAIN, whole.substring(0, cut), false);
        sink.accept(TokenSplit.VALIDATION, whole.substring(cut), true);
      }
    }
  }
}
