package io.shardfire.jobs.output;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.worker.inspect.MaskFilling;
import io.shardfire.worker.inspect.MaskFilling.Gap;
import io.shardfire.worker.inspect.MaskFilling.Guess;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.Locale;

/** What a model thinks is hidden, for people and for other programs. */
public final class FillingText {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private FillingText() {}

  /** A table for each mask. */
  public static String table(MaskFilling filling, Tokenizer tokenizer) {
    StringBuilder text = new StringBuilder();
    int number = 0;
    for (Gap gap : filling.gaps()) {
      number++;
      line(text, "mask %d of %d, at token %d", number, filling.gaps().size(), gap.place());
      line(text, "  %11s %8s  %s", "probability", "id", "token");
      for (Guess guess : gap.guesses()) {
        String token = VisibleText.of(tokenizer.label(guess.id()));
        line(text, "  %11.4f %8d  %s", guess.probability(), guess.id(), token);
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** An array of the masks, each with its place and an array of guesses. */
  public static String json(MaskFilling filling, Tokenizer tokenizer) {
    ArrayNode array = MAPPER.createArrayNode();
    for (Gap gap : filling.gaps()) {
      ObjectNode node = array.addObject();
      node.put("place", gap.place());
      ArrayNode guesses = node.putArray("guesses");
      for (Guess guess : gap.guesses()) {
        guesses
            .addObject()
            .put("id", guess.id())
            .put("token", tokenizer.label(guess.id()))
            .put("probability", guess.probability());
      }
    }
    return array.toPrettyString() + "\n";
  }
}
