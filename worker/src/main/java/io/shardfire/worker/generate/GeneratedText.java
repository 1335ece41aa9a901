package io.shardfire.worker.generate;

import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.List;

/**
 * The text of a continuation while its tokens come, up to the first stop string. That may also be
 * the name of a special token, which is no part of any text.
 */
final class GeneratedText {
  private final Tokenizer tokenizer;
  private final List<String> names;
  private final IncrementalText characters;
  private final StopStrings stops;
  private final StringBuilder text = new StringBuilder();
  private boolean ended;

  /**
   * An empty text.
   *
   * @param before tokens of the text that it continues
   */
  GeneratedText(Tokenizer tokenizer, List<String> stops, int... before) {
    this.tokenizer = tokenizer;
    this.names = List.copyOf(stops);
    this.characters = new IncrementalText(tokenizer, before);
    this.stops = new StopStrings(stops);
  }

  /** The text that is certain now. */
  String accept(int token) {
    ended |= isNamed(token);
    return ended ? "" : append(stops.accept(characters.accept(token)));
  }

  /** What was held back, at the end. */
  String end() {
    String rest = stops.accept(characters.rest());
    return append(stops.stopped() ? rest : rest + stops.rest());
  }

  /** Whether a stop string was met. */
  boolean stopped() {
    return ended || stops.stopped();
  }

  private boolean isNamed(int token) {
    return !names.isEmpty()
        && names.contains(tokenizer.label(token))
        && tokenizer.bytes(token).length == 0;
  }

  /** All of it. */
  String text() {
    return text.toString();
  }

  private String append(String piece) {
    text.append(piece);
    return piece;
  }
}
