package io.shardfire.worker.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Whatever the native library makes of a tokenizer.json. It finds special tokens in every text that
 * it encodes, so text that must not hold any is encoded by a second instance, which knows none.
 */
final class LibraryTokenizer extends DocumentTokenizer {
  private final HuggingFaceTokenizer plain;

  /** Ids that no text may spell. */
  private final BitSet hidden = new BitSet();

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
    if (special == SpecialTokens.PARSE) {
      return encode(whole(), text);
    }
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

  private static int[] encode(HuggingFaceTokenizer library, String text) {
    try {
      long[] ids = library.encode(text, false, false).getIds();
      return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
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
