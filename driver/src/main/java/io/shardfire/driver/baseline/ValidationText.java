package io.shardfire.driver.baseline;

import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/** The text of the validation split. */
final class ValidationText {
  private static final int BLOCK_TOKENS = 1 << 16;

  private ValidationText() {}

  /**
   * Its bytes in UTF-8. Documents are decoded one by one, so that no character is cut; where no
   * token ends them, the split is one.
   */
  static long bytes(TokenDataset data) {
    long tokens = data.tokens(TokenSplit.VALIDATION);
    float[] block = new float[BLOCK_TOKENS];
    int[] document = new int[BLOCK_TOKENS];
    int length = 0;
    long bytes = 0;
    try (Tokenizer tokenizer = Tokenizer.of(data.tokenizer())) {
      OptionalInt end = tokenizer.endOfText();
      for (long from = 0; from < tokens; from += BLOCK_TOKENS) {
        int count = (int) Math.min(BLOCK_TOKENS, tokens - from);
        data.read(TokenSplit.VALIDATION, from, block, 0, count);
        for (int i = 0; i < count; i++) {
          int id = (int) block[i];
          if (length == document.length) {
            document = Arrays.copyOf(document, Math.multiplyExact(length, 2));
          }
          document[length++] = id;
          if (end.isPresent() && id == end.getAsInt()) {
            bytes += bytes(tokenizer, document, length);
            length = 0;
          }
        }
      }
      return bytes + bytes(tokenizer, document, length);
    }
  }

  private static int bytes(Tokenizer tokenizer, int[] ids, int length) {
    return tokenizer.decode(Arrays.copyOf(ids, length)).getBytes(StandardCharsets.UTF_8).length;
  }
}
