package io.shardfire.worker.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Finds the best continuations of one prompt; {@link Beams} says how. Where scores are equal,
 * earlier beams and smaller ids come first. Confined to one thread.
 */
final class BeamSearch {
  /** Where a prompt begins. */
  static final int FIRST_SLOT = 0;

  /** Candidates per beam: half of them may end and leave enough that go on. */
  private static final int CANDIDATES = 2;

  private static final Comparator<Hypothesis> BEST_FIRST =
      Comparator.comparingDouble(Hypothesis::score).reversed();

  private final DecodingSession session;
  private final ContextWindow window;
  private final Beams beams;
  private final int maxTokens;
  private final Predicate<TokenHistory> ends;
  private final double[] scores;
  private final List<Candidate> candidates = new ArrayList<>();
  private List<Beam> growing = new ArrayList<>();
  private final List<Hypothesis> finished = new ArrayList<>();

  /**
   * A search.
   *
   * @param vocabularySize ids from here on are never chosen
   * @param maxTokens most tokens of a continuation
   * @param ends whether a sequence is complete with its last token
   */
  BeamSearch(
      DecodingSession session,
      ContextWindow window,
      Beams beams,
      int vocabularySize,
      int maxTokens,
      Predicate<TokenHistory> ends) {
    this.session = session;
    this.window = window;
    this.beams = beams;
    this.maxTokens = maxTokens;
    this.ends = ends;
    this.scores = new double[vocabularySize];
  }

  /** A continuation and how good it is. */
  record Hypothesis(TokenHistory history, double score) {}

  private record Beam(
      int slot, TokenHistory history, RepetitionPenalty penalty, double logProbability) {}

  private record Candidate(Beam parent, int token, double logProbability) {}

  /** The best continuations, at most as many as beams, the best first. */
  List<Hypothesis> search(int... prompt) {
    RepetitionPenalty penalty = RepetitionPenalty.of(beams.repetitionPenalty());
    penalty.add(prompt);
    Beam first = new Beam(FIRST_SLOT, new TokenHistory(prompt), penalty, 0);
    first.history().begin(session, FIRST_SLOT);
    growing = List.of(first);
    finished.clear();
    for (int length = 1; length <= maxTokens && !growing.isEmpty(); length++) {
      predict();
      choose(length);
      if (!mayImprove(length)) {
        return List.copyOf(finished);
      }
    }
    for (Beam beam : growing) {
      finish(beam.history(), beam.logProbability(), maxTokens);
    }
    return List.copyOf(finished);
  }

  /** The best tokens after all beams, as candidates. */
  private void predict() {
    int[] next = new int[session.slots()];
    Arrays.fill(next, DecodingSession.IDLE);
    for (Beam beam : growing) {
      window.makeRoom(beam.slot(), beam.history());
      next[beam.slot()] = beam.history().last();
    }
    session.step(next);
    candidates.clear();
    for (Beam beam : growing) {
      Logits.copy(session.logits(), session.logitsOffset(beam.slot()), scores);
      Logits.logSoftmax(scores);
      beam.penalty().apply(scores);
      for (int token = 0; token < scores.length; token++) {
        offer(beam, token, beam.logProbability() + scores[token]);
      }
    }
  }

  /** Keeps the best candidates, the best first. */
  private void offer(Beam parent, int token, double logProbability) {
    int most = CANDIDATES * beams.count();
    int at = candidates.size();
    while (at > 0 && candidates.get(at - 1).logProbability() < logProbability) {
      at--;
    }
    if (at < most) {
      candidates.add(at, new Candidate(parent, token, logProbability));
      if (candidates.size() > most) {
        candidates.remove(most);
      }
    }
  }

  /** Lets the best candidates grow on, and puts aside those that end. */
  private void choose(int length) {
    List<Candidate> chosen = new ArrayList<>();
    List<TokenHistory> histories = new ArrayList<>();
    for (int rank = 0; rank < candidates.size() && chosen.size() < beams.count(); rank++) {
      Candidate candidate = candidates.get(rank);
      TokenHistory history = candidate.parent().history().copy();
      history.append(candidate.token());
      if (!ends.test(history)) {
        chosen.add(candidate);
        histories.add(history);
      } else if (rank < beams.count()) {
        finish(history, candidate.logProbability(), length);
      }
    }
    growing = place(chosen, histories);
  }

  /**
   * Gives sequences their slots: the first that continues a beam stays in its place, others are
   * copied to where no beam goes on.
   */
  private List<Beam> place(List<Candidate> chosen, List<TokenHistory> histories) {
    boolean[] taken = new boolean[session.slots()];
    chosen.forEach(candidate -> taken[candidate.parent().slot()] = true);
    boolean[] stays = new boolean[session.slots()];
    List<Beam> placed = new ArrayList<>();
    int free = 0;
    for (int i = 0; i < chosen.size(); i++) {
      Candidate candidate = chosen.get(i);
      int slot = candidate.parent().slot();
      if (stays[slot]) {
        while (taken[free]) {
          free++;
        }
        session.copy(slot, free);
        slot = free;
        taken[slot] = true;
      } else {
        stays[slot] = true;
      }
      RepetitionPenalty penalty = candidate.parent().penalty().copy();
      penalty.add(candidate.token());
      placed.add(new Beam(slot, histories.get(i), penalty, candidate.logProbability()));
    }
    return placed;
  }

  private void finish(TokenHistory history, double logProbability, int length) {
    finished.add(new Hypothesis(history, perLength(logProbability, length)));
    finished.sort(BEST_FIRST);
    if (finished.size() > beams.count()) {
      finished.remove(beams.count());
    }
  }

  private boolean mayImprove(int length) {
    return finished.size() < beams.count()
        || growing.isEmpty()
        || perLength(growing.get(0).logProbability(), length)
            > finished.get(finished.size() - 1).score();
  }

  private double perLength(double logProbability, int length) {
    return logProbability / StrictMath.pow(length, beams.lengthPenalty());
  }
}
