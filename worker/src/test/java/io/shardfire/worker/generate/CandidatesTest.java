package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Filters against their definitions, written down plainly. */
class CandidatesTest {
  static Stream<Sampling> samplings() {
    List<Sampling> all = new ArrayList<>();
    for (double temperature : new double[] {1e-3, 0.7, 1, 3}) {
      for (int topK : new int[] {0, 1, 2, 5, 40, 1000}) {
        for (double topP : new double[] {1e-9, 0.1, 0.5, 0.9, 0.999, 1}) {
          for (double minP : new double[] {0, 0.05, 0.5, 1}) {
            all.add(new Sampling(temperature, topK, topP, minP, 1));
          }
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("samplings")
  void shouldKeepWhatTheDefinitionsKeep(Sampling sampling) {
    Random random = new Random(5);
    for (int size : new int[] {1, 2, 7, 60}) {
      Candidates candidates = new Candidates(size);
      for (int repeat = 0; repeat < 20; repeat++) {
        double[] scores = new double[size];
        for (int id = 0; id < size; id++) {
          // Few values, so that many are equal; and some that nothing may choose.
          scores[id] =
              id > 0 && random.nextInt(9) == 0
                  ? Double.NEGATIVE_INFINITY
                  : random.nextInt(repeat + 2) * 0.75 - 2;
        }
        candidates.fill(sampling, scores);
        TreeMap<Integer, Double> kept = new TreeMap<>();
        for (int i = 0; i < candidates.count(); i++) {
          kept.put(candidates.id(i), candidates.weight(i));
        }
        Map<Integer, Double> expected = oracle(sampling, scores);
        assertEquals(expected.keySet(), kept.keySet());
        expected.forEach((id, weight) -> assertEquals(weight, kept.get(id), 1e-12));
      }
    }
  }

  private static Map<Integer, Double> oracle(Sampling sampling, double[] scores) {
    List<Integer> ids = new ArrayList<>();
    for (int id = 0; id < scores.length; id++) {
      ids.add(id);
    }
    ids.sort(Comparator.comparingDouble((Integer id) -> -scores[id]).thenComparing(id -> id));
    double largest = scores[ids.get(0)];
    int k = sampling.topK() == 0 ? scores.length : Math.min(sampling.topK(), scores.length);
    double last = scores[ids.get(k - 1)];
    ids.removeIf(id -> scores[id] < last);
    Map<Integer, Double> weights = new TreeMap<>();
    for (int id : ids) {
      weights.put(id, Math.exp((scores[id] - largest) / sampling.temperature()));
    }
    double sum = weights.values().stream().mapToDouble(weight -> weight).sum();
    double above = 0;
    for (int id : ids) {
      double share = weights.get(id) / sum;
      // A hair's breadth, where the sum of what is above is p exactly.
      if (sampling.topP() < 1 && above >= sampling.topP() - 1e-12) {
        weights.remove(id);
      }
      above += share;
    }
    weights.values().removeIf(weight -> weight < sampling.minP());
    return weights;
  }

  @Test
  void shouldKeepAllThatEqualTheLastOfTheTopK() {
    Candidates candidates = new Candidates(5);
    candidates.fill(new Sampling(1, 2, 1, 0, 1), new double[] {1, 3, 2, 2, 2});
    assertEquals(4, candidates.count());
  }

  @Test
  void shouldDrawEveryCandidateAndNoOther() {
    Candidates candidates = new Candidates(3);
    candidates.fill(Sampling.atTemperature(1), new double[] {0, Double.NEGATIVE_INFINITY, 0});
    assertEquals(0, candidates.draw(0));
    assertEquals(0, candidates.draw(Math.nextDown(0.5)));
    assertEquals(2, candidates.draw(0.5));
    assertEquals(2, candidates.draw(Math.nextDown(1.0)));
  }
}
