package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.Span;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import java.util.Locale;

/**
 * The tokens that models are evaluated on: stretches of one length, as long as the longest context.
 * Shorter contexts cut the same stretches into windows, so that all predict the same tokens.
 *
 * <pre>
 *   | stretch 0                             | stretch 1                             | ...
 *   | window 0 | window 1 | window 2 | ...  |
 *     input at p, target at p + 1
 * </pre>
 *
 * @param stretch tokens of a stretch
 * @param stretches how many are taken, spread evenly over the split
 */
public record EvaluationText(TokenDataset data, TokenSplit split, int stretch, long stretches) {

  /**
   * Stretches of a split.
   *
   * @param most take no more than these; 0 for the whole split but the rest of its last stretch
   * @throws DataException when the split has not even one
   */
  public static EvaluationText of(TokenDataset data, TokenSplit split, int stretch, int most) {
    long available = (data.tokens(split) - 1) / stretch;
    if (available < 1) {
      throw new DataException(
          "The split is shorter than the longest context and the token after it; evaluate at a"
              + " shorter context, or prepare a larger split: split="
              + split.name().toLowerCase(Locale.ROOT)
              + ", tokens="
              + data.tokens(split)
              + ", context="
              + stretch);
    }
    return new EvaluationText(
        data, split, stretch, most == 0 ? available : Math.min(most, available));
  }

  /** Tokens in all stretches. */
  public long tokens() {
    return stretches * stretch;
  }

  /** Windows of a context; what is left of a stretch is no window. */
  long windows(int context) {
    return stretches * (stretch / context);
  }

  /** Writes the ids of a window and its targets, one further, into rows of a batch. */
  void read(long window, int context, Span ids, Span targets, int row) {
    int perStretch = stretch / context;
    long from = start(window / perStretch) + window % perStretch * context;
    int offset = row * context;
    data.read(split, from, ids.arena().array(), ids.offset() + offset, context);
    data.read(split, from + 1, targets.arena().array(), targets.offset() + offset, context);
  }

  private long start(long number) {
    long available = (data.tokens(split) - 1) / stretch;
    // In double, because the product may pass 2^63.
    long chosen =
        stretches == available ? number : (long) ((double) available * number / stretches);
    return chosen * stretch;
  }
}
