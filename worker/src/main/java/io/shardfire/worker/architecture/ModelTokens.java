package io.shardfire.worker.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.worker.tokenizer.SpecialIds;
import io.shardfire.worker.tokenizer.TokenRole;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The ids that a config.json names for what is generated.
 *
 * @param begin {@code bos_token_id}
 * @param ends {@code eos_token_id}; some models have several
 * @param padding {@code pad_token_id}
 * @param start {@code decoder_start_token_id}: what a decoder beside an encoder begins with
 */
public record ModelTokens(
    OptionalInt begin, List<Integer> ends, OptionalInt padding, OptionalInt start) {
  private static final String BEGIN = "bos_token_id";
  private static final String END = "eos_token_id";
  private static final String PADDING = "pad_token_id";
  private static final String START = "decoder_start_token_id";

  /** Copies. */
  public ModelTokens {
    ends = List.copyOf(ends);
  }

  /** Those that training uses: a document begins where another ends, a decoder with padding. */
  public static ModelTokens of(SpecialIds special) {
    OptionalInt end = special.of(TokenRole.END);
    OptionalInt padding = special.of(TokenRole.PADDING);
    return new ModelTokens(
        special.begin().isPresent() ? special.begin() : end,
        end.stream().boxed().toList(),
        padding,
        padding);
  }

  /** Those of a config.json; what it leaves out is empty. */
  static ModelTokens read(JsonNode root) {
    JsonNode end = root.path(END);
    IntStream ends =
        end.isArray()
            ? IntStream.range(0, end.size()).flatMap(i -> id(end.get(i)).stream())
            : id(end).stream();
    return new ModelTokens(
        id(root.path(BEGIN)), ends.boxed().toList(), id(root.path(PADDING)), id(root.path(START)));
  }

  private static OptionalInt id(JsonNode id) {
    return id.isInt() && id.asInt() >= 0 ? OptionalInt.of(id.asInt()) : OptionalInt.empty();
  }

  /** Adds them to what a family has written; without padding, what that says stays. */
  void write(ObjectNode root, boolean hasSource) {
    root.putNull(BEGIN);
    begin.ifPresent(id -> root.put(BEGIN, id));
    root.putNull(END);
    if (ends.size() > 1) {
      ends.forEach(root.putArray(END)::add);
    } else {
      ends.forEach(id -> root.put(END, id));
    }
    padding.ifPresent(id -> root.put(PADDING, id));
    if (hasSource) {
      start.ifPresent(id -> root.put(START, id));
    }
  }
}
