package io.shardfire.worker.objective;

import io.shardfire.worker.random.CounterRandom;
import java.util.function.LongUnaryOperator;

/** Which part of a split each sequence shows. Pure functions of its number; thread-safe. */
public sealed interface SequenceOrder {
  /**
   * Where windows of so many tokens begin, by sequence.
   *
   * @param tokens of the split
   */
  LongUnaryOperator windows(long tokens, int length);

  /** Which of {@code count} documents or pairs is shown, by sequence. */
  LongUnaryOperator items(long count);

  /** The key of all that is drawn at random for a sequence. */
  long key(long sequence);

  /** Epoch after epoch, all that there is, in an order of the epoch's own. */
  record Shuffled(long seed) implements SequenceOrder {
    private static final long DRAWS = 0x6472617773L;
    private static final long ITEMS = 2;

    @Override
    public LongUnaryOperator windows(long tokens, int length) {
      return new SampleOrder(tokens, length - 1, seed)::position;
    }

    @Override
    public LongUnaryOperator items(long count) {
      return sequence -> {
        long key = CounterRandom.mix(CounterRandom.mix(seed, sequence / count), ITEMS);
        return new KeyedPermutation(key, count).apply(sequence % count);
      };
    }

    @Override
    public long key(long sequence) {
      return CounterRandom.mix(CounterRandom.mix(seed, DRAWS), sequence);
    }
  }

  /**
   * A fixed number of sequences, spread evenly over the split; the same for every seed.
   *
   * @param count sequences
   */
  record Spread(long count) implements SequenceOrder {
    private static final long DRAWS = 0x737072656164L;

    @Override
    public LongUnaryOperator windows(long tokens, int length) {
      long last = tokens - length;
      return sequence -> place(sequence, last);
    }

    @Override
    public LongUnaryOperator items(long items) {
      return sequence -> place(sequence, items - 1);
    }

    /** The last sequence is at the last place. */
    private long place(long sequence, long last) {
      // In double, because the product may pass 2^63.
      return count == 1 ? 0 : Math.min((long) ((double) last * sequence / (count - 1)), last);
    }

    @Override
    public long key(long sequence) {
      return CounterRandom.mix(DRAWS, sequence);
    }
  }
}
