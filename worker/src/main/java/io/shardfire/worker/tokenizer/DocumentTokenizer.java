package io.shardfire.worker.tokenizer;

import java.util.OptionalInt;

/** What every tokenizer takes from its document as it is. */
abstract class DocumentTokenizer implements Tokenizer {
  private final TokenizerDocument document;
  private final TokenizerFiles files;
  private final SpecialIds special;
  private final String hash;

  DocumentTokenizer(TokenizerDocument document, TokenizerFiles files) {
    this.document = document;
    this.files = files;
    this.special = SpecialIds.of(document, files.roles());
    this.hash = VocabularyHash.of(document);
  }

  final TokenizerDocument document() {
    return document;
  }

  @Override
  public final TokenizerFiles files() {
    return files;
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
    return special.of(TokenRole.END);
  }

  @Override
  public final OptionalInt beginOfText() {
    return special.begin();
  }

  @Override
  public final byte[] bytes(int id) {
    String token = document.token(new int[] {id}, 0);
    return document.special().contains(id) ? new byte[0] : document.spelling().utf8(token);
  }

  @Override
  public final String label(int id) {
    String token = document.tokens().get(id);
    if (token == null) {
      return "<id " + id + ">";
    }
    return document.special().contains(id) ? token : document.spelling().label(token);
  }
}
