package io.shardfire.worker.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Prompts for a tokenizer that puts a token before a text, as Llama's. */
class PromptEncoderTest {
  private static final int BEGIN = 330;
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(1, 1, 8, 32).vocabularySize(332).build();

  private Tokenizer tokenizer;

  @BeforeEach
  void read() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/tokenizers/byte-level/tokenizer.json")) {
      tokenizer = Tokenizer.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @Test
  void shouldBeginAsADocumentDoes() {
    assertArrayEquals(new int[] {BEGIN, 263, 266, 302}, encoded("the lion", SpecialTokens.TEXT));
    assertArrayEquals(new int[] {BEGIN}, encoded("", SpecialTokens.TEXT));
  }

  @Test
  void shouldNotBeginTwice() {
    assertArrayEquals(
        new int[] {BEGIN, 263, 266, 302},
        encoded("<|begin_of_text|>the lion", SpecialTokens.PARSE));
  }

  private int[] encoded(String text, SpecialTokens special) {
    return new PromptEncoder(MODEL, tokenizer, null)
        .encode(
            0,
            new Prompt(text, 0),
            new GenerationOptions(4, 1, List.of(), special, Sampling.GREEDY),
            continuation -> {})
        .tokens();
  }
}
