package io.shardfire.driver.baseline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Interpolated modified Kneser-Ney, from the formulas of Chen and Goodman, with maps of lists. */
final class KneserNeyReference {
  private final int vocabularySize;
  private final int order;

  /** By length, then by n-gram. */
  private final Map<Integer, Map<List<Integer>, Integer>> counts = new TreeMap<>();

  KneserNeyReference(List<Integer> ids, int order, int vocabularySize) {
    this.vocabularySize = vocabularySize;
    this.order = order;
    Map<List<Integer>, Integer> longest = new HashMap<>();
    for (int i = 0; i + order <= ids.size(); i++) {
      longest.merge(List.copyOf(ids.subList(i, i + order)), 1, Integer::sum);
    }
    counts.put(order, longest);
    for (int k = order - 1; k >= 1; k--) {
      Map<List<Integer>, Set<Integer>> before = new HashMap<>();
      for (int i = 1; i + k <= ids.size(); i++) {
        before
            .computeIfAbsent(List.copyOf(ids.subList(i, i + k)), gram -> new HashSet<>())
            .add(ids.get(i - 1));
      }
      Map<List<Integer>, Integer> different = new HashMap<>();
      before.forEach((gram, tokens) -> different.put(gram, tokens.size()));
      counts.put(k, different);
    }
  }

  /** Of a token after all those before it. */
  double probability(List<Integer> before, int token) {
    double p = 1.0 / vocabularySize;
    for (int k = 1; k <= Math.min(order, before.size() + 1); k++) {
      p = interpolated(before.subList(before.size() - k + 1, before.size()), token, p);
    }
    return p;
  }

  private double interpolated(List<Integer> context, int token, double lower) {
    Map<List<Integer>, Integer> grams = counts.get(context.size() + 1);
    double[] discount = discounts(grams);
    double total = 0;
    double mass = 0;
    for (int v = 0; v < vocabularySize; v++) {
      int count = grams.getOrDefault(gram(context, v), 0);
      total += count;
      mass += discount[Math.min(count, 3)];
    }
    if (total == 0) {
      return lower;
    }
    int own = grams.getOrDefault(gram(context, token), 0);
    return (own - discount[Math.min(own, 3)]) / total + mass / total * lower;
  }

  private static List<Integer> gram(List<Integer> context, int token) {
    List<Integer> gram = new ArrayList<>(context);
    gram.add(token);
    return gram;
  }

  private static double[] discounts(Map<List<Integer>, Integer> grams) {
    double[] n = new double[5];
    grams.values().stream().filter(count -> count <= 4).forEach(count -> n[count]++);
    double y = n[1] / (n[1] + 2 * n[2]);
    double[] d =
        new double[] {0, 1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3]};
    for (double discount : d) {
      if (!(discount >= 0)) {
        return new double[] {0, 0.5, 1, 1.5};
      }
    }
    return d;
  }
}
