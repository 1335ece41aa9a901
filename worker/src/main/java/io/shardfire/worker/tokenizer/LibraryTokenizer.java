package io.shardfire.worker.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Whatever the native library makes of a tokenizer.json. It finds special tokens in every text that
 * it encodes, so text that must not hold any is encoded by a second instance, which knows none.
 * Where a text's ids are those of its pieces, the library is asked once for each piece.
 */
final class LibraryTokenizer extends DocumentTokenizer {
  /** Characters of the texts that are encoded both ways, to compare the ids. */
  private static final int COMPARED_CHARACTERS = 1 << 16;

  private final HuggingFaceTokenizer plain;

  /** Ids that no text may spell. */
  private final BitSet hidden = new BitSet();

  /** Null where texts are encoded as a whole. */
  private final PieceEncoder pieces;

  /** Guarded by {@link #pieces}. */
  private int compared;

  private final List<String> specials;

  /** Null until the first use: a large vocabulary takes a while to read, and not all need it. */
  private HuggingFaceTokenizer whole;

  LibraryTokenizer(TokenizerDocument document, TokenizerFiles files) {
    super(document, files);
    if (document.special().isEmpty()) {
      this.plain = create(json());
      this.whole = plain;
    } else {
      this.plain = create(HiddenSpecialTokens.in(json(), document));
    }
    document.special().forEach(hidden::set);
    document.unknown().ifPresent(hidden::clear);
    this.specials = document.special().stream().map(document.tokens()::get).toList();
    this.pieces = document.piecewise() ? new PieceEncoder(this::encodePlain) : null;
  }

  private static HuggingFaceTokenizer create(String json) {
    try {
      return NativeTokenizers.create(json);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "tokenizer.json cannot be used: the tokenizers library rejects it: problem="
              + e.getMessage(),
          e);
    }
  }

  @Override
  public int[] encode(String text, SpecialTokens special) {
    Characters.checkPaired(text);
    boolean parses = special == SpecialTokens.PARSE;
    if (pieces != null && !(parses && specials.stream().anyMatch(text::contains))) {
      synchronized (pieces) {
        int[] ids = pieces.encode(text);
        compare(text, ids);
        return ids;
      }
    }
    return parses ? encode(whole(), text) : encodePlain(text);
  }

  /** The first texts of any encoding show whether the library cuts them into the same pieces. */
  private void compare(String text, int[] ids) {
    if (compared < COMPARED_CHARACTERS && text.length() <= COMPARED_CHARACTERS) {
      compared += text.length();
      int[] expected = encodePlain(text);
      if (!Arrays.equals(expected, ids)) {
        throw new IllegalStateException(
            "Ids of a text's pieces are not the library's ids of the text; please report it: text="
                + text
                + ", first difference="
                + Arrays.mismatch(expected, ids));
      }
    }
  }

  private int[] encodePlain(String text) {
    int[] ids = encode(plain, text);
    for (int id : ids) {
      if (hidden.get(id)) {
        throw new IllegalArgumentException(
            "Text spells a special token with characters that no text should hold; leave out the"
                + " characters U+FDD0 and U+FDD1: token="
                + document().tokens().get(id));
      }
    }
    return ids;
  }

  /** The library's own interface also makes texts and places of all tokens, which take longest. */
  private static int[] encode(HuggingFaceTokenizer library, String text) {
    TokenizersLibrary encoder = TokenizersLibrary.LIB;
    try {
      long encoding = encoder.encode(library.getHandle(), text, false);
      try {
        return Arrays.stream(encoder.getTokenIds(encoding)).mapToInt(Math::toIntExact).toArray();
      } finally {
        encoder.deleteEncoding(encoding);
      }
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "The tokenizers library cannot encode a text with this tokenizer.json: problem="
              + e.getMessage()
              + ", characters="
              + text.length(),
          e);
    }
  }

  @Override
  public String decode(int[] ids) {
    for (int i = 0; i < ids.length; i++) {
      document().token(ids, i);
    }
    return whole().decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  private synchronized HuggingFaceTokenizer whole() {
    if (whole == null) {
      whole = create(json());
    }
    return whole;
  }

  @Override
  public synchronized void close() {
    plain.close();
    if (whole != null) {
      whole.close();
    }
  }
}
