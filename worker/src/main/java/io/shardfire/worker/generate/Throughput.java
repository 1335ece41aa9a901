package io.shardfire.worker.generate;

/**
 * How fast tokens were computed.
 *
 * @param promptTokens computed many at a time
 * @param decodedTokens computed one of each sequence at a time, and predicted from
 */
public record Throughput(
    long promptTokens, double promptSeconds, long decodedTokens, double decodeSeconds) {
  /** Of prompts. */
  public double promptTokensPerSecond() {
    return promptTokens / promptSeconds;
  }

  /** Of all sequences together. */
  public double decodedTokensPerSecond() {
    return decodedTokens / decodeSeconds;
  }
}
