package io.shardfire.worker.objective;

import io.shardfire.kernels.device.Span;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.tokenizer.TokenizerJson;
import io.shardfire.worker.tokenizer.WordPieces;
import java.util.stream.IntStream;

/**
 * Which tokens of a sequence are to be predicted, and what stands in their place: in eight of ten
 * the mask, in one a random token, in one the token itself (Devlin et al., 2019). Special tokens
 * are left alone. Not thread-safe.
 */
final class MaskChoice {
  private static final long ORDER = 1;
  private static final long REPLACE = 2;
  private static final long RANDOM = 3;
  private static final double MASKED = 0.8;
  private static final double MASKED_OR_RANDOM = 0.9;

  private final double share;
  private final int mask;
  private final boolean[] special;
  private final int[] ordinary;

  /** Null where each token is a word of its own. */
  private final WordPieces pieces;

  /** Words that can be chosen: word w is the candidates from begins[w] to begins[w + 1]. */
  private final int[] begins;

  private final int[] candidates;
  private final int[] words;
  private final int[] chosen;

  MaskChoice(
      Vocabulary vocabulary, ObjectiveSettings settings, BatchForm form, String tokenizerJson) {
    int size = TokenizerJson.vocabularySize(tokenizerJson);
    this.share = settings.maskedShare();
    this.mask = vocabulary.mask();
    this.special = new boolean[size];
    vocabulary.special().values().forEach(id -> special[id] = true);
    this.ordinary = IntStream.range(0, size).filter(id -> !special[id]).toArray();
    this.pieces = settings.wholeWords() ? WordPieces.of(tokenizerJson) : null;
    this.candidates = new int[form.time()];
    this.begins = new int[form.time() + 1];
    this.words = new int[form.time()];
    this.chosen = new int[form.time()];
  }

  /** How many of so many tokens are to be predicted. */
  int count(int tokens) {
    return Math.max(1, (int) Math.round(tokens * share));
  }

  /**
   * Chooses tokens to be predicted: {@link #count} of them, or as many as there are that are not
   * special. Words are taken in a drawn order, each if all of it still fits.
   *
   * @param ids of the batch
   * @param base where the sequence begins
   * @param places of the tokens in the sequence
   * @return how many were chosen; their places are the first elements of {@link #chosen}
   */
  int choose(long key, Span ids, int base, int[] places, int tokens) {
    int count = count(tokens);
    int available = findWords(ids, base, places, tokens);
    long draws = CounterRandom.mix(key, ORDER);
    int taken = 0;
    for (int i = 0; i < available && taken < count; i++) {
      int other = i + (int) (CounterRandom.uniform(draws, i) * (available - i));
      int word = words[other];
      words[other] = words[i];
      int length = begins[word + 1] - begins[word];
      if (length <= count - taken) {
        System.arraycopy(candidates, begins[word], chosen, taken, length);
        taken += length;
      }
    }
    if (taken == 0) {
      // Every word is longer than what may be hidden.
      System.arraycopy(candidates, 0, chosen, 0, count);
      taken = count;
    }
    return taken;
  }

  /** Places chosen last. */
  int[] chosen() {
    return chosen;
  }

  private int findWords(Span ids, int base, int[] places, int tokens) {
    int found = 0;
    int available = 0;
    int before = -1;
    for (int i = 0; i < tokens; i++) {
      int id = (int) ids.get(base + places[i]);
      if (special[id]) {
        before = -1;
        continue;
      }
      boolean neighbour = before >= 0 && places[i] == places[i - 1] + 1;
      if (pieces == null || !neighbour || !pieces.joined(before, id)) {
        words[available] = available;
        begins[available++] = found;
      }
      candidates[found++] = places[i];
      before = id;
    }
    if (found == 0) {
      // Nothing but special tokens.
      for (int i = 0; i < tokens; i++) {
        words[i] = i;
        begins[i] = i;
        candidates[i] = places[i];
      }
      found = tokens;
      available = tokens;
    }
    begins[available] = found;
    return available;
  }

  /** What stands in the place of a token. */
  int replacement(long key, int place, int token) {
    double drawn = CounterRandom.uniform(CounterRandom.mix(key, REPLACE), place);
    if (drawn < MASKED) {
      return mask;
    }
    return drawn < MASKED_OR_RANDOM
        ? ordinary[
            (int) (CounterRandom.uniform(CounterRandom.mix(key, RANDOM), place) * ordinary.length)]
        : token;
  }
}
