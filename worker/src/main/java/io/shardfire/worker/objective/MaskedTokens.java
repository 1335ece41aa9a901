package io.shardfire.worker.objective;

import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;

/**
 * Predicts tokens that were hidden from those on both sides. A sequence counts what its length says
 * is to be hidden, also where whole words make that a token or two fewer.
 */
final class MaskedTokens implements Objective {
  private final Passages passages;
  private final MaskChoice choice;
  private final int time;
  private final int[] places;

  MaskedTokens(Passages passages, MaskChoice choice, BatchForm form) {
    this.passages = passages;
    this.choice = choice;
    this.time = form.time();
    this.places = new int[time];
  }

  @Override
  public double weight(long sequence) {
    return choice.count(passages.tokens(sequence));
  }

  @Override
  public void write(long sequence, int row, double scale, BatchSpans batch) {
    passages.write(sequence, row, batch, places);
    int base = row * time;
    long key = passages.key(sequence);
    int tokens = passages.tokens(sequence);
    int count = choice.choose(key, batch.ids(), base, places, tokens);
    float weight = (float) (scale * choice.count(tokens) / count);
    batch.targets().fill(base, base + time, Fields.IGNORED);
    batch.weights().fill(base, base + time, 0);
    for (int i = 0; i < count; i++) {
      int place = choice.chosen()[i];
      int token = (int) batch.ids().get(base + place);
      batch.targets().set(base + place, token);
      batch.weights().set(base + place, weight);
      batch.ids().set(base + place, choice.replacement(key, place, token));
    }
  }
}
