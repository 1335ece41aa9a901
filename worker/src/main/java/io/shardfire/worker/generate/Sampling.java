package io.shardfire.worker.generate;

/**
 * How the next token is drawn. temperature 0 is greedy; topK 0 and topP 1 switch those filters off.
 */
public record Sampling(double temperature, int topK, double topP, long seed) {
  /** Checks every value. */
  public Sampling {
    if (!(temperature >= 0) || topK < 0 || !(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException(
          "temperature must be >= 0, topK >= 0 and topP in (0, 1]: temperature="
              + temperature
              + ", topK="
              + topK
              + ", topP="
              + topP);
    }
  }
}
