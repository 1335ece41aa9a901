package io.shardfire.worker.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.util.Arrays;
import java.util.OptionalInt;

/** Byte-level BPE by the native library. */
final class BytePairTokenizer implements Tokenizer {
  private final TokenizerDocument document;
  private final String json;
  private final String hash;
  private final HuggingFaceTokenizer library;

  BytePairTokenizer(TokenizerDocument document, String json) {
    this.document = document;
    this.json = json;
    this.hash = VocabularyHash.of(document);
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
  public String json() {
    return json;
  }

  @Override
  public int vocabularySize() {
    return document.vocabularySize();
  }

  @Override
  public String vocabularyHash() {
    return hash;
  }

  @Override
  public OptionalInt endOfText() {
    return document.endOfText();
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
      document.token(ids, i);
    }
    return library.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  @Override
  public void close() {
    library.close();
  }
}
