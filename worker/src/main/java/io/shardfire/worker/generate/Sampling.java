package io.shardfire.worker.generate;

/**
 * The next token is drawn. What the filters do, in this order, is transformers': the repetition
 * penalty divides positive and multiplies negative logits of tokens that the text or its prompt
 * already has (Keskar et al., 2019); logits are divided by the temperature; the k largest stay,
 * with all that equal the last of them; the fewest whose probabilities reach p stay (nucleus
 * sampling; Holtzman et al., 2020); those stay whose probability is at least minP of the largest
 * one (Nguyen et al., 2025).
 *
 * @param temperature 0 takes the likeliest, after the repetition penalty
 * @param topK 0 for all
 * @param topP 1 for all
 * @param minP 0 for all
 * @param repetitionPenalty 1 for none
 */
public record Sampling(
    double temperature, int topK, double topP, double minP, double repetitionPenalty)
    implements Strategy {
  /** The likeliest token, always. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 1);

  /** Checks every value. */
  public Sampling {
    require(
        temperature >= 0 && temperature < Double.POSITIVE_INFINITY,
        "temperature must be at least 0",
        "temperature",
        temperature);
    require(topK >= 0, "top-k must be at least 0, which keeps all tokens", "topK", topK);
    require(
        topP > 0 && topP <= 1,
        "top-p must be above 0 and at most 1, which keeps all",
        "topP",
        topP);
    require(
        minP >= 0 && minP <= 1,
        "min-p must be at least 0, which keeps all, and at most 1",
        "minP",
        minP);
    Strategy.requireRepetitionPenalty(repetitionPenalty);
  }

  /** Without filters. */
  public static Sampling atTemperature(double temperature) {
    return new Sampling(temperature, 0, 1, 0, 1);
  }

  private static void require(boolean holds, String rule, String name, Number value) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ": " + name + "=" + value);
    }
  }
}
