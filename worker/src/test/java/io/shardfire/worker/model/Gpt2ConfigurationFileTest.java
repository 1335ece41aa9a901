package io.shardfire.worker.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class Gpt2ConfigurationFileTest {
  private static final Gpt2Configuration MODEL =
      new Gpt2Configuration(2, 3, 48, 37, 101, 0.25f, 1e-5f);

  @Test
  void shouldReadBackWhatItWrites() {
    String json = Gpt2ConfigurationFile.write(MODEL, OptionalInt.of(100));
    assertEquals(MODEL, Gpt2ConfigurationFile.read(json));
    assertEquals(OptionalInt.of(100), Gpt2ConfigurationFile.endOfText(json));
    assertTrue(json.contains("\"GPT2LMHeadModel\""), json);
  }

  @Test
  void shouldWriteNullWithoutEndOfText() {
    String json = Gpt2ConfigurationFile.write(MODEL, OptionalInt.empty());
    assertEquals(OptionalInt.empty(), Gpt2ConfigurationFile.endOfText(json));
    assertTrue(json.contains("\"eos_token_id\" : null"), json);
  }

  @Test
  void shouldReadTheOriginalGpt2File() {
    String json =
        """
        {"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"],
         "attn_pdrop": 0.1, "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256,
         "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt2",
         "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024,
         "resid_pdrop": 0.1, "vocab_size": 50257}
        """;
    assertEquals(
        new Gpt2Configuration(12, 12, 768, 1024, 50257, 0.1f, 1e-5f),
        Gpt2ConfigurationFile.read(json));
  }

  @Test
  void shouldNameWhatItDoesNotSupport() {
    String json = Gpt2ConfigurationFile.write(MODEL, OptionalInt.empty());
    assertRefused(json.replace("\"gpt2\"", "\"llama\""), "model_type=llama, supported=gpt2");
    assertRefused(json.replace("gelu_new", "relu"), "activation_function=relu, supported=gelu_new");
    assertRefused(
        json.replace("\"n_layer\"", "\"n_inner\" : 7, \"n_layer\""), "n_inner=7, supported=192");
    assertRefused(json.replace("\"n_head\" : 3", "\"n_head\" : \"x\""), "n_head=\"x\"");
    assertRefused("{", "config.json is not JSON");
  }

  private static void assertRefused(String json, String text) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Gpt2ConfigurationFile.read(json));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }
}
