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
    Fields.fill(batch.targets(), base, base + time, Fields.IGNORED);
    Fields.fill(batch.weights(), base, base + time, 0);
    for (int i = 0; i < count; i++) {
      int place = choice.chosen()[i];
      int token = (int) Fields.get(batch.ids(), base + place);
      Fields.put(batch.targets(), base + place, token);
      Fields.put(batch.weights(), base + place, weight);
      Fields.put(batch.ids(), base + place, choice.replacement(key, place, token));
    }
  }
}
