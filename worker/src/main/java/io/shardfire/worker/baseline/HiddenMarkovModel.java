package io.shardfire.worker.baseline;

import io.shardfire.worker.random.CounterRandom;
import java.io.Serializable;
import java.util.Arrays;

/**
 * A hidden Markov model of token ids, estimated by the Baum-Welch algorithm with scaled
 * probabilities (Rabiner, 1989). S states, V tokens; immutable.
 *
 * <pre>
 * start [S]   transition [S, S], from row to column   emission [V, S], a row for each token
 * </pre>
 */
public final class HiddenMarkovModel implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long LARGEST = 1L << 28;

  private final int states;
  private final int vocabularySize;
  private final double[] start;
  private final double[] transition;
  private final double[] emission;

  private HiddenMarkovModel(double[] start, double[] transition, double[] emission) {
    this.states = start.length;
    this.vocabularySize = emission.length / states;
    this.start = start;
    this.transition = transition;
    this.emission = emission;
  }

  /**
   * A model of random probabilities, all that add up to 1 being as likely (a flat Dirichlet
   * distribution). Where states are more alike, estimation hardly moves from a model without any.
   *
   * @throws IllegalArgumentException when there are no states, or more than fit
   */
  public static HiddenMarkovModel random(int states, int vocabularySize, long seed) {
    if (states < 1 || (long) states * Math.max(states, vocabularySize) > LARGEST) {
      throw new IllegalArgumentException(
          "A hidden Markov model has states, and at most "
              + LARGEST
              + " probabilities of each kind; choose another number of states: states="
              + states
              + ", vocabularySize="
              + vocabularySize);
    }
    return normalized(
        exponential(seed, "start", states),
        exponential(seed, "transition", states * states),
        exponential(seed, "emission", vocabularySize * states));
  }

  /** Exponentially distributed; normalized, they are of the flat Dirichlet distribution. */
  private static double[] exponential(long seed, String name, int length) {
    long key = CounterRandom.mix(seed, name);
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = -StrictMath.log1p(-CounterRandom.uniform(key, i));
    }
    return values;
  }

  double start(int state) {
    return start[state];
  }

  double transition(int from, int to) {
    return transition[from * states + to];
  }

  double emission(int state, int id) {
    return emission[id * states + state];
  }

  /** Nothing observed yet. */
  public ExpectedCounts counts() {
    return new ExpectedCounts(states, vocabularySize);
  }

  /**
   * The expectation step for one sequence, which begins in a start state.
   *
   * @param ids at least one
   */
  public void expect(int[] ids, ExpectedCounts counts) {
    int last = ids.length - 1;
    double[][] forward = new double[ids.length][states];
    double[] scales = new double[ids.length];
    double nats = 0;
    for (int t = 0; t <= last; t++) {
      scales[t] = advance(t == 0 ? null : forward[t - 1], ids[t], forward[t]);
      nats += StrictMath.log(scales[t]);
    }
    counts.observed(nats, ids.length);
    double[] backward = new double[states];
    double[] ahead = new double[states];
    Arrays.fill(backward, 1);
    for (int t = last; t >= 0; t--) {
      if (t < last) {
        retreat(ids[t + 1], scales[t + 1], backward, ahead);
        addTransitions(forward[t], ahead, counts.transition);
      }
      double[] emitted = counts.emission;
      for (int s = 0, at = ids[t] * states; s < states; s++, at++) {
        emitted[at] += forward[t][s] * backward[s];
      }
    }
    for (int s = 0; s < states; s++) {
      counts.start[s] += forward[0][s] * backward[s];
    }
  }

  /**
   * Probabilities of the states once a token is known.
   *
   * @param before those at the token before, or null at the start
   * @return the probability of the token, given those before
   */
  private double advance(double[] before, int id, double[] now) {
    if (before == null) {
      System.arraycopy(start, 0, now, 0, states);
    } else {
      Arrays.fill(now, 0);
      for (int i = 0; i < states; i++) {
        double p = before[i];
        for (int j = 0, at = i * states; j < states; j++, at++) {
          now[j] += p * transition[at];
        }
      }
    }
    double sum = 0;
    for (int s = 0, at = id * states; s < states; s++, at++) {
      now[s] *= emission[at];
      sum += now[s];
    }
    for (int s = 0; s < states; s++) {
      now[s] /= sum;
    }
    return sum;
  }

  /**
   * One position back.
   *
   * @param ahead what each state at the next position stands for, written here
   */
  private void retreat(int nextId, double nextScale, double[] backward, double[] ahead) {
    for (int s = 0, at = nextId * states; s < states; s++, at++) {
      ahead[s] = emission[at] * backward[s] / nextScale;
    }
    for (int i = 0; i < states; i++) {
      double sum = 0;
      for (int j = 0, at = i * states; j < states; j++, at++) {
        sum += transition[at] * ahead[j];
      }
      backward[i] = sum;
    }
  }

  private void addTransitions(double[] from, double[] to, double[] counts) {
    for (int i = 0; i < states; i++) {
      double p = from[i];
      for (int j = 0, at = i * states; j < states; j++, at++) {
        counts[at] += p * to[j];
      }
    }
  }

  /**
   * The maximisation step.
   *
   * @param counts of this model
   * @param smoothing added to each expected count, so that nothing is impossible
   */
  public HiddenMarkovModel maximized(ExpectedCounts counts, double smoothing) {
    double[] transitions = new double[transition.length];
    for (int i = 0; i < transitions.length; i++) {
      transitions[i] = transition[i] * counts.transition[i] + smoothing;
    }
    return normalized(
        smoothed(counts.start, smoothing), transitions, smoothed(counts.emission, smoothing));
  }

  private static double[] smoothed(double[] counts, double smoothing) {
    double[] values = counts.clone();
    for (int i = 0; i < values.length; i++) {
      values[i] += smoothing;
    }
    return values;
  }

  /** Start and rows of transitions add up to 1, and so do the columns of emissions. */
  private static HiddenMarkovModel normalized(
      double[] start, double[] transition, double[] emission) {
    int states = start.length;
    normalize(start, 0, 1, states);
    int tokens = emission.length / states;
    for (int s = 0; s < states; s++) {
      normalize(transition, s * states, 1, states);
      normalize(emission, s, states, tokens);
    }
    return new HiddenMarkovModel(start, transition, emission);
  }

  private static void normalize(double[] values, int from, int stride, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values[from + i * stride];
    }
    for (int i = 0; i < count; i++) {
      values[from + i * stride] /= sum;
    }
  }

  /** A reader of one long sequence from its start. */
  public Filter filter() {
    return new Filter();
  }

  /** Keeps what is known of the state while tokens come. Not thread-safe. */
  public final class Filter {
    private double[] before;
    private double[] now = new double[states];

    private Filter() {}

    /** The negative log likelihood of the next token, in nats. */
    public double next(int id) {
      double probability = advance(before, id, now);
      double[] free = before == null ? new double[states] : before;
      before = now;
      now = free;
      return -StrictMath.log(probability);
    }
  }
}
