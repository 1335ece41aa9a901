package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BeamSearchTest {
  private static final int VOCABULARY = 4;
  private static final int END = 3;
  private static final int LENGTH = 4;
  private static final int[] PROMPT = {1, 0, 2};

  private record Found(List<Integer> tokens, double score) {}

  /** Enough beams to keep every continuation: nothing is pruned, so the best must be found. */
  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "2, 1", "-1, 1", "0.6, 1", "1, 1.3", "1, 0.8"})
  void shouldFindWhatExhaustiveSearchFinds(double lengthPenalty, double repetitionPenalty) {
    Beams beams = new Beams(150, lengthPenalty, repetitionPenalty);
    List<Found> expected = new ArrayList<>();
    exhaust(new ArrayList<>(), 0, beams, expected);
    expected.sort(Comparator.comparingDouble(Found::score).reversed());

    List<BeamSearch.Hypothesis> found = search(beams, 100, LENGTH);

    for (int rank = 0; rank < 5; rank++) {
      assertEquals(expected.get(rank).tokens(), generated(found.get(rank)), "rank=" + rank);
      assertEquals(expected.get(rank).score(), found.get(rank).score(), 1e-9);
    }
  }

  private static void exhaust(
      List<Integer> tokens, double logProbability, Beams beams, List<Found> found) {
    boolean ended = !tokens.isEmpty() && tokens.get(tokens.size() - 1) == END;
    if (ended || tokens.size() == LENGTH) {
      double length = Math.pow(tokens.size(), beams.lengthPenalty());
      found.add(new Found(List.copyOf(tokens), logProbability / length));
      return;
    }
    List<Integer> all = new ArrayList<>(Arrays.stream(PROMPT).boxed().toList());
    all.addAll(tokens);
    float[] logits = FakeSession.logits(all, VOCABULARY);
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    for (int token = 0; token < VOCABULARY; token++) {
      double next = logits[token] - Math.log(sum);
      next *= all.contains(token) ? beams.repetitionPenalty() : 1;
      tokens.add(token);
      exhaust(tokens, logProbability + next, beams, found);
      tokens.remove(tokens.size() - 1);
    }
  }

  @Test
  void shouldBeGreedyWithOneBeam() {
    List<Integer> all = new ArrayList<>(Arrays.stream(PROMPT).boxed().toList());
    List<Integer> expected = new ArrayList<>();
    while (expected.size() < 6 && !expected.contains(END)) {
      float[] logits = FakeSession.logits(all, VOCABULARY);
      int best = 0;
      for (int id = 1; id < VOCABULARY; id++) {
        best = logits[id] > logits[best] ? id : best;
      }
      all.add(best);
      expected.add(best);
    }
    // A penalty so high that the first continuation to end is never beaten.
    assertEquals(expected, generated(search(new Beams(1, -50, 1), 100, 6).get(0)));
  }

  @Test
  void shouldGoOnBeyondTheContext() {
    List<String> notices = new ArrayList<>();
    FakeSession session = new FakeSession(3, 5, VOCABULARY);
    ContextWindow window = new ContextWindow(session, notices::add);
    BeamSearch search =
        new BeamSearch(session, window, new Beams(3, 1, 1), VOCABULARY, 9, history -> false);
    List<BeamSearch.Hypothesis> found = search.search(PROMPT);
    assertEquals(3, found.size());
    assertEquals(9, generated(found.get(0)).size());
    assertEquals(1, notices.size());
    assertTrue(notices.get(0).contains("context of 5 tokens is full"), notices.get(0));
  }

  @Test
  void shouldEndWhenNothingGrows() {
    FakeSession session = new FakeSession(2, 50, VOCABULARY);
    BeamSearch search =
        new BeamSearch(
            session,
            new ContextWindow(session, notice -> {}),
            new Beams(2, 1, 1),
            VOCABULARY,
            9,
            history -> true);
    for (BeamSearch.Hypothesis hypothesis : search.search(PROMPT)) {
      assertEquals(1, generated(hypothesis).size());
    }
  }

  @Test
  void shouldCheckEveryValue() {
    assertEquals(
        "A beam search has at least one beam: beams=0",
        assertThrows(IllegalArgumentException.class, () -> new Beams(0, 1, 1)).getMessage());
    assertEquals(
        "The length penalty must be a finite number: lengthPenalty=NaN",
        assertThrows(IllegalArgumentException.class, () -> new Beams(2, Double.NaN, 1))
            .getMessage());
  }

  private static List<BeamSearch.Hypothesis> search(Beams beams, int context, int maxTokens) {
    FakeSession session = new FakeSession(beams.count(), context, VOCABULARY);
    ContextWindow window = new ContextWindow(session, notice -> {});
    List<BeamSearch.Hypothesis> found =
        new BeamSearch(
                session, window, beams, VOCABULARY, maxTokens, history -> history.last() == END)
            .search(PROMPT);
    double[] scores = found.stream().mapToDouble(BeamSearch.Hypothesis::score).toArray();
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < scores.length; i++) {
      assertEquals(sorted[scores.length - 1 - i], scores[i]);
    }
    return found;
  }

  private static List<Integer> generated(BeamSearch.Hypothesis hypothesis) {
    return Arrays.stream(hypothesis.history().generated()).boxed().toList();
  }
}
