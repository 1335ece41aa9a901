package io.shardfire.worker.tokenizer;

import java.util.OptionalInt;

/** What every tokenizer takes from its document as it is. */
abstract class DocumentTokenizer implements Tokenizer {
  private final TokenizerDocument document;
  private final String json;
  private final String hash;

  DocumentTokenizer(TokenizerDocument document, String json) {
    this.document = document;
    this.json = json;
    this.hash = VocabularyHash.of(document);
  }

  final TokenizerDocument document() {
    return document;
  }

  @Override
  public final String json() {
    return json;
  }

  @Override
  public final int vocabularySize() {
    return document.vocabularySize();
  }

  @Override
  public final String vocabularyHash() {
    return hash;
  }

  @Override
  public final OptionalInt endOfText() {
    return document.endOfText();
  }
}
