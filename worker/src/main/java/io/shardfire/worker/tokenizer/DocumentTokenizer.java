package io.shardfire.worker.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
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

  @Override
  public final byte[] bytes(int id) {
    String token = document.token(new int[] {id}, 0);
    return document.special().contains(id) ? new byte[0] : utf8(token);
  }

  /** What a token that is not special stands for. */
  abstract byte[] utf8(String token);

  @Override
  public final String label(int id) {
    String token = document.tokens().get(id);
    if (token == null) {
      return "<id " + id + ">";
    }
    if (document.special().contains(id)) {
      return token;
    }
    byte[] bytes = utf8(token);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return HexFormat.of().withUpperCase().withPrefix("<0x").withSuffix(">").formatHex(bytes);
    }
  }
}
