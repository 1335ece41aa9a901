package io.shardfire.worker.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ConfigurationFileTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 3, 48, 37).vocabularySize(101).dropout(0.25f).build();

  @Test
  void shouldReadBackWhatItWrites() {
    String json = ConfigurationFile.write(MODEL, OptionalInt.of(100));
    assertEquals(MODEL, ConfigurationFile.read(json));
    assertEquals(List.of(100), ConfigurationFile.tokens(json).ends());
    assertTrue(json.contains("\"GPT2LMHeadModel\""), json);
  }

  @Test
  void shouldWriteNullWithoutEndOfText() {
    String json = ConfigurationFile.write(MODEL, OptionalInt.empty());
    assertEquals(List.of(), ConfigurationFile.tokens(json).ends());
    assertTrue(json.contains("\"eos_token_id\" : null"), json);
  }

  @Test
  void shouldWriteTheTokensOfWhatIsGenerated() {
    ModelTokens tokens =
        new ModelTokens(OptionalInt.of(9), List.of(7, 8), OptionalInt.of(5), OptionalInt.of(6));
    String json = ConfigurationFile.write(sized(Family.MARIAN).build(), tokens);
    assertEquals(tokens, ConfigurationFile.tokens(json));
    assertEquals(
        tokens,
        ConfigurationFile.tokens(ConfigurationFile.write(sized(Family.T5).build(), tokens)));
    // A decoder alone has no decoder of its own to start.
    assertEquals(
        OptionalInt.empty(),
        ConfigurationFile.tokens(ConfigurationFile.write(MODEL, tokens)).start());
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
        ModelConfiguration.decoder(12, 12, 768, 1024).vocabularySize(50257).dropout(0.1f).build(),
        ConfigurationFile.read(json));
  }

  @Test
  void shouldNameWhatItDoesNotSupport() {
    String json = ConfigurationFile.write(MODEL, OptionalInt.empty());
    assertRefused(
        json.replace("\"gpt2\"", "\"bloom\""),
        "model_type=bloom, supported=gpt2, llama, bert, t5, marian, shardfire");
    assertRefused(json.replace("gelu_new", "relu"), "activation_function=relu, supported=gelu_new");
    assertRefused(json.replace("\"n_head\" : 3", "\"n_head\" : \"x\""), "n_head=\"x\"");
    assertRefused("{", "config.json is not JSON");
  }

  @Test
  void shouldReadBackEveryFamily() {
    ModelConfiguration llama =
        Family.LLAMA
            .form(ModelConfiguration.decoder(2, 4, 48, 21))
            .keyValueHeads(2)
            .feedForwardWidth(100)
            .ropeBase(500_000)
            .build()
            .with()
            .vocabularySize(67)
            .norm(NormKind.RMS, NormPlacement.PRE)
            .normEpsilon(1e-6f)
            .build();
    List<ModelConfiguration> models =
        List.of(
            MODEL.with().feedForwardWidth(100).build(),
            llama,
            llama.with().tiedEmbeddings(true).build(),
            ModelConfiguration.decoder(2, 6, 60, 23)
                .keyValueHeads(3)
                .feedForwardWidth(44)
                .vocabularySize(53)
                .dropout(0.1f)
                .norm(NormKind.RMS, NormPlacement.PRE)
                .activation(Function.GELU)
                .gated(true)
                .positions(PositionKind.ALIBI)
                .window(7)
                .tiedEmbeddings(false)
                .build(),
            sized(Family.BERT).sentenceHead(true).build(),
            sized(Family.BERT).activation(Function.RELU).segments(3).build(),
            sized(Family.BERT).segments(0).build(),
            sized(Family.T5).encoderLayers(3).headWidth(12).relative(8, 20).build(),
            sized(Family.T5_GATED).build(),
            sized(Family.T5_GATED)
                .activation(Function.SILU)
                .tiedEmbeddings(true)
                .head(HeadKind.SCALED)
                .build(),
            sized(Family.T5_GATED).activation(Function.GELU).build(),
            sized(Family.MARIAN).encoderLayers(1).build(),
            sized(Family.MARIAN).scaledEmbeddings(false).activation(Function.SILU).build(),
            sized(Family.MARIAN).positions(PositionKind.SINUSOIDAL).sourceContext(9).build(),
            recurrent(Family.RNN).build(),
            recurrent(Family.LSTM).tiedEmbeddings(false).biases(false).build(),
            recurrent(Family.GRU).head(HeadKind.BIASED).scaledEmbeddings(true).build());
    List<Family> families =
        List.of(
            Family.GPT2,
            Family.LLAMA,
            Family.LLAMA,
            Family.OWN,
            Family.BERT,
            Family.BERT,
            Family.OWN,
            Family.T5,
            Family.T5_GATED,
            Family.T5_GATED,
            Family.OWN,
            Family.MARIAN,
            Family.MARIAN,
            Family.OWN,
            Family.RNN,
            Family.LSTM,
            Family.GRU);
    for (int i = 0; i < models.size(); i++) {
      String json = ConfigurationFile.write(models.get(i), OptionalInt.of(3));
      assertEquals(families.get(i), Family.of(models.get(i)), json);
      assertEquals(models.get(i), ConfigurationFile.read(json));
      assertEquals(List.of(3), ConfigurationFile.tokens(json).ends());
    }
  }

  private static ModelBuilder recurrent(Family family) {
    return family.form(ModelConfiguration.decoder(2, 1, 37, 21).vocabularySize(53).dropout(0.1f));
  }

  @Test
  void shouldReadCompositionsOfBeforeThereWereRecurrentLayers() {
    ModelConfiguration model = MODEL.with().positions(PositionKind.ALIBI).build();
    String json = ConfigurationFile.write(model, OptionalInt.empty());
    String earlier = json.replaceAll("\\s*\"cell\" : \"NONE\",", "");
    assertNotEquals(json, earlier);
    assertEquals(model, ConfigurationFile.read(earlier));
  }

  @Test
  void shouldNameRecurrentLayersAsPyTorchDoes() {
    List<String> names =
        Architecture.units(recurrent(Family.LSTM).tiedEmbeddings(false).build()).stream()
            .flatMap(unit -> unit.tensors().stream())
            .map(tensor -> tensor.name() + tensor.shape())
            .toList();
    assertEquals(
        List.of(
            "embedding.tokens.weight[53, 37]",
            "rnn.weight_ih_l0[148, 37]",
            "rnn.weight_hh_l0[148, 37]",
            "rnn.bias_ih_l0[148]",
            "rnn.bias_hh_l0[148]",
            "rnn.weight_ih_l1[148, 37]",
            "rnn.weight_hh_l1[148, 37]",
            "rnn.bias_ih_l1[148]",
            "rnn.bias_hh_l1[148]",
            "head.unembedding.weight[53, 37]"),
        names);
  }

  private static ModelBuilder sized(Family family) {
    return family.form(
        ModelConfiguration.decoder(2, 3, 48, 21)
            .feedForwardWidth(44)
            .vocabularySize(53)
            .dropout(0.1f));
  }

  @Test
  void shouldNameWhatItDoesNotSupportOfLlama() {
    String json =
        ConfigurationFile.write(
            Family.LLAMA
                .form(ModelConfiguration.decoder(2, 4, 48, 21))
                .keyValueHeads(2)
                .feedForwardWidth(100)
                .vocabularySize(5)
                .build(),
            OptionalInt.empty());
    assertRefused(json.replace("\"silu\"", "\"gelu\""), "hidden_act=gelu, supported=silu");
    assertEquals(
        16,
        ConfigurationFile.read(json.replace("\"head_dim\" : 12", "\"head_dim\" : 16")).headSize());
    assertRefused(
        json.replace("\"attention_bias\" : false", "\"attention_bias\" : true"),
        "attention_bias=true, supported=false");
    assertRefused(
        json.replace("\"mlp_bias\"", "\"rope_scaling\" : {\"factor\" : 8}, \"mlp_bias\""),
        "rope_scaling={\"factor\":8}, supported=null");
  }

  @Test
  void shouldNameAKeyThatACompositionLacks() {
    String json =
        ConfigurationFile.write(MODEL.with().tiedEmbeddings(false).build(), OptionalInt.empty());
    assertRefused(json.replace("\"gated\" : false,", ""), "gated");
  }

  private static void assertRefused(String json, String text) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ConfigurationFile.read(json));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }
}
