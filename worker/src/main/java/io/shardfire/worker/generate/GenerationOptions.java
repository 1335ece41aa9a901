package io.shardfire.worker.generate;

import io.shardfire.worker.tokenizer.SpecialTokens;
import java.util.List;

/**
 * What is generated after each prompt.
 *
 * @param maxTokens most tokens of a continuation
 * @param samples continuations of each prompt; of a beam search the best ones
 * @param stops a continuation ends before the first of these strings, which may be the names of
 *     special tokens
 * @param specialTokens what a prompt means where it spells a special token
 */
public record GenerationOptions(
    int maxTokens,
    int samples,
    List<String> stops,
    SpecialTokens specialTokens,
    Strategy strategy) {
  /** Copies, and checks every value. */
  public GenerationOptions {
    stops = List.copyOf(stops);
    if (maxTokens < 1 || samples < 1) {
      throw new IllegalArgumentException(
          "At least one token and one sample must be asked for: maxTokens="
              + maxTokens
              + ", samples="
              + samples);
    }
    if (stops.contains("")) {
      throw new IllegalArgumentException("A stop string must have characters: stop=''");
    }
    if (strategy instanceof Beams beams && beams.count() < samples) {
      throw new IllegalArgumentException(
          "A beam search gives at most as many continuations as it has beams: samples="
              + samples
              + ", beams="
              + beams.count());
    }
  }

  /** One continuation, without stop strings. */
  public static GenerationOptions of(int maxTokens, Strategy strategy) {
    return new GenerationOptions(maxTokens, 1, List.of(), SpecialTokens.TEXT, strategy);
  }

  /** Sequences that grow side by side, for some prompts and at most {@code batch} at once. */
  public int slots(int prompts, int batch) {
    return strategy instanceof Beams beams
        ? beams.count()
        : (int) Math.min(batch, (long) prompts * samples);
  }
}
