package io.shardfire.worker.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The identity of a vocabulary, whatever the formatting of its JSON: the SHA-256 of
 *
 * <pre>
 *   text    "shardfire-vocabulary-1"
 *   text    kind of the tokenizer
 *   int     number of tokens,         then for each by ascending id:  int id, text token
 *   int     number of merges,         then for each in order:         text left, text right
 *   int     number of special tokens, then for each ascending:        int id
 *   of a unigram model, for each token by ascending id:               its score, 64 bits of a double
 * </pre>
 *
 * with big-endian 32-bit ints, and each text as its UTF-8 length (int) and its bytes.
 */
final class VocabularyHash {
  private final MessageDigest digest;

  private VocabularyHash() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** Lower-case hex. */
  static String of(TokenizerDocument document) {
    VocabularyHash hash = new VocabularyHash();
    hash.text("shardfire-vocabulary-1");
    hash.text(document.kind().name());
    hash.number(document.tokens().size());
    document
        .tokens()
        .forEach(
            (id, token) -> {
              hash.number(id);
              hash.text(token);
            });
    hash.number(document.merges().size());
    for (TokenizerJson.Merge merge : document.merges()) {
      hash.text(merge.left());
      hash.text(merge.right());
    }
    hash.number(document.special().size());
    document.special().forEach(hash::number);
    document.scores().forEach(hash::score);
    return HexFormat.of().formatHex(hash.digest.digest());
  }

  private void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    number(bytes.length);
    digest.update(bytes);
  }

  private void score(double value) {
    digest.update(ByteBuffer.allocate(Double.BYTES).putDouble(value).flip());
  }

  private void number(int value) {
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(value).flip());
  }
}
