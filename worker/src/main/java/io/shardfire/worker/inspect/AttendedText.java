package io.shardfire.worker.inspect;

import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.objective.PairTokens;
import io.shardfire.worker.objective.Vocabulary;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a model reads in one pass, as it was trained to. Immutable.
 *
 * <pre>
 *   decoder           ids: what begins a document, if the tokenizer has that, then the text
 *   encoder           ids: [CLS], the text, [SEP], if the tokenizer has them
 *   encoder-decoder   source: the text, its end      ids: the decoder's start, the target
 * </pre>
 *
 * @param source what an encoder reads beside a decoder; empty where there is none
 * @param ids of the sequence itself
 */
public record AttendedText(List<Integer> source, List<Integer> ids) {
  /** Copies. */
  public AttendedText {
    source = List.copyOf(source);
    ids = List.copyOf(ids);
  }

  /** Tokens for a model that reads one sequence. */
  public static AttendedText of(OpenModel model, String text) {
    Tokenizer tokenizer = model.tokenizer();
    List<Integer> ids = encoded(tokenizer, text);
    if (model.model().kind() == Kind.DECODER) {
      tokenizer.beginOfText().ifPresent(begin -> ids.add(0, begin));
    } else {
      Vocabulary vocabulary = Vocabulary.of(tokenizer.files());
      if (vocabulary.hasSequenceEnds()) {
        ids.add(0, vocabulary.begin());
        ids.add(vocabulary.separator());
      }
    }
    return new AttendedText(List.of(), ids);
  }

  /**
   * Tokens for an encoder-decoder.
   *
   * @throws io.shardfire.worker.data.DataException when the model has no padding or no end
   */
  public static AttendedText of(OpenModel model, String text, String target) {
    return of(model, text, encoded(model.tokenizer(), target));
  }

  /** The same for a target of tokens. */
  public static AttendedText of(OpenModel model, String text, List<Integer> target) {
    PairTokens pair = PairTokens.of(model.tokens(), model.tokenizer().files());
    List<Integer> source = encoded(model.tokenizer(), text);
    source.add(pair.end());
    List<Integer> ids = new ArrayList<>(target);
    ids.add(0, pair.padding());
    return new AttendedText(source, ids);
  }

  private static List<Integer> encoded(Tokenizer tokenizer, String text) {
    List<Integer> ids = new ArrayList<>();
    Arrays.stream(tokenizer.encode(text)).forEach(ids::add);
    return ids;
  }
}
