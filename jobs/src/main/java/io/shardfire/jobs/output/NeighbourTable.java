package io.shardfire.jobs.output;

import io.shardfire.worker.inspect.TokenVectors;
import io.shardfire.worker.inspect.TokenVectors.Neighbour;
import io.shardfire.worker.inspect.TokenVectors.Word;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Prints which tokens were found near to words. */
public final class NeighbourTable {
  private final PrintWriter out;
  private final TokenVectors vectors;

  /** Prints tokens of these vectors to a stream. */
  public NeighbourTable(PrintWriter out, TokenVectors vectors) {
    this.out = out;
    this.vectors = vectors;
  }

  /** Prints how a word was cut into tokens, and the tokens near to it. */
  public void nearest(Word word, List<Neighbour> found) {
    out.println(described(word));
    print(found);
  }

  /** Prints the three words of an analogy, and the tokens near to a - b + c. */
  public void analogy(Word a, Word b, Word c, List<Neighbour> found) {
    out.println(name(a) + " - " + name(b) + " + " + name(c));
    Stream.of(a, b, c).distinct().forEach(word -> out.println("  " + described(word)));
    print(found);
  }

  private void print(List<Neighbour> found) {
    line("  %8s %8s  %s", "cosine", "id", "token");
    for (Neighbour neighbour : found) {
      line(
          "  %8.4f %8d  %s", neighbour.cosine(), neighbour.id(), VisibleText.of(neighbour.label()));
    }
    out.flush();
  }

  private String described(Word word) {
    String tokens =
        word.ids().stream()
            .map(id -> VisibleText.of(vectors.label(id)) + " (" + id + ")")
            .collect(Collectors.joining(", "));
    return name(word)
        + (word.ids().size() == 1
            ? " is the token "
            : " is the mean of " + word.ids().size() + " tokens: ")
        + tokens;
  }

  private static String name(Word word) {
    return VisibleText.of(word.text());
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
