package io.shardfire.worker.generate;

import java.util.Arrays;

/**
 * Tokens that may be drawn, by rising id, with unnormalised probabilities of which the largest is
 * 1. Confined to one thread.
 */
final class Candidates {
  private final int[] ids;
  private final double[] weights;
  private final double[] ordered;
  private int count;

  /** For ids below {@code vocabularySize}. */
  Candidates(int vocabularySize) {
    ids = new int[vocabularySize];
    weights = new double[vocabularySize];
    ordered = new double[vocabularySize];
  }

  int count() {
    return count;
  }

  int id(int index) {
    return ids[index];
  }

  double weight(int index) {
    return weights[index];
  }

  /** What the filters of a sampling behind the repetition penalty leave of some scores. */
  void fill(Sampling sampling, double[] scores) {
    int topK = sampling.topK();
    double largest = scores[Logits.largest(scores)];
    double least =
        topK == 0 || topK >= scores.length ? Double.NEGATIVE_INFINITY : kthLargest(scores, topK);
    count = 0;
    for (int id = 0; id < scores.length; id++) {
      if (scores[id] >= least) {
        ids[count] = id;
        weights[count++] = StrictMath.exp((scores[id] - largest) / sampling.temperature());
      }
    }
    if (sampling.topP() < 1) {
      keepNucleus(sampling.topP());
    }
    keepFrom(sampling.minP());
  }

  /** The id at {@code uniform}, in [0, 1), of the probability. */
  int draw(double uniform) {
    double target = uniform * sum();
    double reached = 0;
    for (int i = 0; i < count - 1; i++) {
      reached += weights[i];
      if (target < reached) {
        return ids[i];
      }
    }
    return ids[count - 1];
  }

  /** The smallest of a heap that holds the k largest seen. */
  private double kthLargest(double[] scores, int k) {
    Arrays.fill(ordered, 0, k, Double.NEGATIVE_INFINITY);
    for (double score : scores) {
      if (score > ordered[0]) {
        replaceSmallest(score, k);
      }
    }
    return ordered[0];
  }

  private void replaceSmallest(double score, int size) {
    int hole = 0;
    for (int child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && ordered[child + 1] < ordered[child]) {
        child++;
      }
      if (ordered[child] >= score) {
        break;
      }
      ordered[hole] = ordered[child];
      hole = child;
    }
    ordered[hole] = score;
  }

  /** The fewest that reach a share of the probability; of equal ones those with smaller ids. */
  private void keepNucleus(double share) {
    double wanted = share * sum();
    // All below this together are less than what is left out: they need not be sorted.
    keepFrom((sum() - wanted) / count / 2);
    System.arraycopy(weights, 0, ordered, 0, count);
    Arrays.sort(ordered, 0, count);
    int smallest = count;
    double reached = 0;
    while (smallest > 0 && reached < wanted) {
      reached += ordered[--smallest];
    }
    double least = ordered[smallest];
    int equal = 0;
    for (int i = smallest; i < count && ordered[i] == least; i++) {
      equal++;
    }
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (weights[i] > least || (weights[i] == least && equal-- > 0)) {
        keep(i, kept++);
      }
    }
    count = kept;
  }

  private void keepFrom(double least) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      if (weights[i] >= least) {
        keep(i, kept++);
      }
    }
    count = kept;
  }

  private void keep(int from, int to) {
    ids[to] = ids[from];
    weights[to] = weights[from];
  }

  private double sum() {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += weights[i];
    }
    return sum;
  }
}
