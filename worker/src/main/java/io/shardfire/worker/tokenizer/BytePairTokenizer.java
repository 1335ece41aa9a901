package io.shardfire.worker.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.util.Arrays;

/** Byte-level BPE by the native library. */
final class BytePairTokenizer extends DocumentTokenizer {
  private final HuggingFaceTokenizer library;

  BytePairTokenizer(TokenizerDocument document, String json) {
    super(document, json);
    try {
      this.library = NativeTokenizers.create(json);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "tokenizer.json cannot be used: the tokenizers library rejects it: problem="
              + e.getMessage(),
          e);
    }
  }

  @Override
  public int[] encode(String text) {
    Characters.checkPaired(text);
    long[] ids = library.encode(text, false, false).getIds();
    return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
  }

  @Override
  public String decode(int[] ids) {
    for (int i = 0; i < ids.length; i++) {
      document().token(ids, i);
    }
    return library.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  @Override
  public void close() {
    library.close();
  }
}
