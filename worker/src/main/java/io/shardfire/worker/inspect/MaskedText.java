package io.shardfire.worker.inspect;

import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.objective.Vocabulary;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A text with masks, as an encoder was trained to read it. Immutable.
 *
 * <pre>
 *   [CLS] the [MASK] barked [SEP]
 * </pre>
 *
 * @param ids of all tokens
 * @param masks their places among the ids, at least one
 */
public record MaskedText(List<Integer> ids, List<Integer> masks) {
  /** Copies. */
  public MaskedText {
    ids = List.copyOf(ids);
    masks = List.copyOf(masks);
  }

  /**
   * Tokens of a text in which the mask's own text, such as {@code [MASK]}, hides a token.
   *
   * @throws IllegalArgumentException when the model predicts no hidden tokens, nothing is hidden,
   *     or there are more tokens than the model's context
   * @throws io.shardfire.worker.data.DataException when the tokenizer has no tokens to begin and
   *     end a sequence
   */
  public static MaskedText of(OpenModel model, String text) {
    if (model.model().kind() != Kind.ENCODER) {
      throw new IllegalArgumentException(
          "Hidden tokens are what an encoder predicts; name one, or continue a text with generate:"
              + " model="
              + model.name()
              + ", kind="
              + model.model().kind());
    }
    Tokenizer tokenizer = model.tokenizer();
    Vocabulary vocabulary = Vocabulary.of(tokenizer.files());
    if (!vocabulary.hasMask()) {
      throw new IllegalArgumentException(
          "The model's tokenizer has no token that hides another; prepare and train with"
              + " --added-tokens bert: model="
              + model.name()
              + ", token=[MASK] or <mask>");
    }
    int mask = vocabulary.mask();
    String label = tokenizer.label(mask);
    List<Integer> ids = new ArrayList<>();
    ids.add(vocabulary.begin());
    String joined = wordsHoldTheirBlank(tokenizer) ? text.replace(" " + label, label) : text;
    Arrays.stream(tokenizer.encode(joined, SpecialTokens.PARSE)).forEach(ids::add);
    ids.add(vocabulary.separator());
    List<Integer> masks =
        IntStream.range(0, ids.size()).filter(place -> ids.get(place) == mask).boxed().toList();
    if (masks.isEmpty()) {
      throw new IllegalArgumentException(
          "Nothing is hidden in the text; write " + label + " in a token's place: text=" + text);
    }
    if (ids.size() > model.model().context()) {
      throw new IllegalArgumentException(
          "The text with a token before and behind it is longer than the model's context; shorten"
              + " it: model="
              + model.name()
              + ", tokens="
              + ids.size()
              + ", context="
              + model.model().context());
    }
    return new MaskedText(ids, masks);
  }

  /** Whether the blank before a hidden word is hidden with it. */
  private static boolean wordsHoldTheirBlank(Tokenizer tokenizer) {
    return IntStream.range(0, tokenizer.vocabularySize())
        .mapToObj(tokenizer::bytes)
        .anyMatch(bytes -> bytes.length > 1 && bytes[0] == ' ' && bytes[1] != ' ');
  }
}
