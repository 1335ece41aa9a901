package io.shardfire.worker.generate;

import io.shardfire.worker.random.CounterRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A model whose logits are a function of all tokens of a sequence, and nothing else. */
final class FakeSession implements DecodingSession {
  private final int context;
  private final int vocabularySize;
  private final List<List<Integer>> sequences = new ArrayList<>();
  private final float[] logits;

  FakeSession(int slots, int context, int vocabularySize) {
    this.context = context;
    this.vocabularySize = vocabularySize;
    this.logits = new float[1 + slots * vocabularySize];
    for (int slot = 0; slot < slots; slot++) {
      sequences.add(new ArrayList<>());
    }
  }

  /** The logits of the token after some. */
  static float[] logits(List<Integer> tokens, int vocabularySize) {
    long key = 7;
    for (int token : tokens) {
      key = CounterRandom.mix(key, token);
    }
    float[] logits = new float[vocabularySize];
    CounterRandom.fillNormal(key, 2, logits, 0, vocabularySize);
    return logits;
  }

  @Override
  public int slots() {
    return sequences.size();
  }

  @Override
  public int context() {
    return context;
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public int length(int slot) {
    return sequences.get(slot).size();
  }

  @Override
  public void fill(int slot, int[] tokens, int from, int to) {
    sequences.get(slot).clear();
    for (int i = from; i < to; i++) {
      append(slot, tokens[i]);
    }
  }

  @Override
  public void encode(int slot, int... source) {
    throw new UnsupportedOperationException("no source is read: slot=" + slot);
  }

  @Override
  public void copy(int from, int to) {
    sequences.set(to, new ArrayList<>(sequences.get(from)));
  }

  @Override
  public void step(int[] tokens) {
    for (int slot = 0; slot < slots(); slot++) {
      float[] next = new float[vocabularySize];
      if (tokens[slot] == IDLE) {
        Arrays.fill(next, Float.NaN);
      } else {
        append(slot, tokens[slot]);
        next = logits(sequences.get(slot), vocabularySize);
      }
      System.arraycopy(next, 0, logits, logitsOffset(slot), vocabularySize);
    }
  }

  private void append(int slot, int token) {
    if (length(slot) == context) {
      throw new IllegalArgumentException("full: slot=" + slot);
    }
    sequences.get(slot).add(token);
  }

  @Override
  public float[] logits() {
    return logits;
  }

  @Override
  public int logitsOffset(int slot) {
    return 1 + slot * vocabularySize;
  }
}
