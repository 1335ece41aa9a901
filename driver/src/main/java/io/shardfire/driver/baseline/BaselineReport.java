package io.shardfire.driver.baseline;

/**
 * How well a model predicts the validation split, every token of it from those before.
 *
 * @param trainTokens that it was estimated from
 * @param loss mean negative log likelihood in nats per token
 * @param validationBytes of the split's text in UTF-8, special tokens left out
 */
public record BaselineReport(
    long trainTokens, long validationTokens, double loss, long validationBytes) {
  /** The exponential of the loss. */
  public double perplexity() {
    return StrictMath.exp(loss);
  }

  /** The loss of the whole split in bits, spread over the bytes of its text. */
  public double bitsPerByte() {
    return loss / StrictMath.log(2) * (double) validationTokens / (double) validationBytes;
  }
}
