package io.shardfire.worker.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.util.Arrays;

/**
 * Byte-level BPE by the native library. The library finds special tokens in every text it encodes,
 * so text that must not hold any is encoded by a second instance, which knows none.
 */
final class BytePairTokenizer extends DocumentTokenizer {
  private final HuggingFaceTokenizer plain;

  /** Null until the first use: a large vocabulary takes a while to read, and not all need it. */
  private HuggingFaceTokenizer whole;

  BytePairTokenizer(TokenizerDocument document, String json) {
    super(document, json);
    if (document.special().isEmpty()) {
      this.plain = create(json);
      this.whole = plain;
    } else {
      this.plain = create(TokenizerDocument.withoutSpecialTokens(json));
    }
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
    HuggingFaceTokenizer library = special == SpecialTokens.PARSE ? whole() : plain;
    long[] ids = library.encode(text, false, false).getIds();
    return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
  }

  @Override
  public String decode(int[] ids) {
    for (int i = 0; i < ids.length; i++) {
      document().token(ids, i);
    }
    return whole().decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  @Override
  byte[] utf8(String token) {
    return ByteLevel.bytes(token);
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
