package io.shardfire.worker.architecture;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of tensors in the published checkpoints of each family, by the paths of modules. */
final class StateDictionaries {
  /** Of GPT2LMHeadModel. */
  static final StateDictionary GPT2 =
      new StateDictionary(
          Map.ofEntries(
              Map.entry("embedding.tokens", "transformer.wte"),
              Map.entry("embedding.positions", "transformer.wpe"),
              Map.entry("block-*.attentionNorm", "transformer.h.*.ln_1"),
              Map.entry("block-*.attention.input", "transformer.h.*.attn.c_attn"),
              Map.entry("block-*.attention.output", "transformer.h.*.attn.c_proj"),
              Map.entry("block-*.feedForwardNorm", "transformer.h.*.ln_2"),
              Map.entry("block-*.feedForward.expand", "transformer.h.*.mlp.c_fc"),
              Map.entry("block-*.feedForward.contract", "transformer.h.*.mlp.c_proj"),
              Map.entry("head.norm", "transformer.ln_f")));

  /** Of LlamaForCausalLM. */
  static final StateDictionary LLAMA =
      new StateDictionary(
          Map.ofEntries(
              Map.entry("embedding.tokens", "model.embed_tokens"),
              Map.entry("block-*.attentionNorm", "model.layers.*.input_layernorm"),
              Map.entry("block-*.attention.queries", "model.layers.*.self_attn.q_proj"),
              Map.entry("block-*.attention.keys", "model.layers.*.self_attn.k_proj"),
              Map.entry("block-*.attention.values", "model.layers.*.self_attn.v_proj"),
              Map.entry("block-*.attention.output", "model.layers.*.self_attn.o_proj"),
              Map.entry("block-*.feedForwardNorm", "model.layers.*.post_attention_layernorm"),
              Map.entry("block-*.feedForward.gate", "model.layers.*.mlp.gate_proj"),
              Map.entry("block-*.feedForward.expand", "model.layers.*.mlp.up_proj"),
              Map.entry("block-*.feedForward.contract", "model.layers.*.mlp.down_proj"),
              Map.entry("head.norm", "model.norm"),
              Map.entry("head.unembedding", "lm_head")));

  /** Of BertForPreTraining and BertForMaskedLM. */
  static final StateDictionary BERT =
      new StateDictionary(
          Map.ofEntries(
              Map.entry("embedding.tokens", "bert.embeddings.word_embeddings"),
              Map.entry("embedding.positions", "bert.embeddings.position_embeddings"),
              Map.entry("embedding.segments", "bert.embeddings.token_type_embeddings"),
              Map.entry("embedding.norm", "bert.embeddings.LayerNorm"),
              Map.entry("block-*.attention.queries", "bert.encoder.layer.*.attention.self.query"),
              Map.entry("block-*.attention.keys", "bert.encoder.layer.*.attention.self.key"),
              Map.entry("block-*.attention.values", "bert.encoder.layer.*.attention.self.value"),
              Map.entry("block-*.attention.output", "bert.encoder.layer.*.attention.output.dense"),
              Map.entry("block-*.attentionNorm", "bert.encoder.layer.*.attention.output.LayerNorm"),
              Map.entry("block-*.feedForward.expand", "bert.encoder.layer.*.intermediate.dense"),
              Map.entry("block-*.feedForward.contract", "bert.encoder.layer.*.output.dense"),
              Map.entry("block-*.feedForwardNorm", "bert.encoder.layer.*.output.LayerNorm"),
              Map.entry("head.transform", "cls.predictions.transform.dense"),
              Map.entry("head.transformNorm", "cls.predictions.transform.LayerNorm"),
              Map.entry("head.bias", "cls.predictions.bias"),
              Map.entry("head.pooler", "bert.pooler.dense"),
              Map.entry("head.sentence", "cls.seq_relationship")));

  /** Of T5ForConditionalGeneration. */
  static final StateDictionary T5 =
      new StateDictionary(
          Map.ofEntries(
              Map.entry("embedding.tokens", "shared"),
              Map.entry(
                  "embedding.relativeBias",
                  "decoder.block.0.layer.0.SelfAttention.relative_attention_bias"),
              Map.entry(
                  "embedding.source.relativeBias",
                  "encoder.block.0.layer.0.SelfAttention.relative_attention_bias"),
              Map.entry("encoder-*.attentionNorm", "encoder.block.*.layer.0.layer_norm"),
              Map.entry("encoder-*.attention.queries", "encoder.block.*.layer.0.SelfAttention.q"),
              Map.entry("encoder-*.attention.keys", "encoder.block.*.layer.0.SelfAttention.k"),
              Map.entry("encoder-*.attention.values", "encoder.block.*.layer.0.SelfAttention.v"),
              Map.entry("encoder-*.attention.output", "encoder.block.*.layer.0.SelfAttention.o"),
              Map.entry("encoder-*.feedForwardNorm", "encoder.block.*.layer.1.layer_norm"),
              Map.entry(
                  "encoder-*.feedForward.expand", "encoder.block.*.layer.1.DenseReluDense.wi"),
              Map.entry(
                  "encoder-*.feedForward.contract", "encoder.block.*.layer.1.DenseReluDense.wo"),
              Map.entry("block-*.attentionNorm", "decoder.block.*.layer.0.layer_norm"),
              Map.entry("block-*.attention.queries", "decoder.block.*.layer.0.SelfAttention.q"),
              Map.entry("block-*.attention.keys", "decoder.block.*.layer.0.SelfAttention.k"),
              Map.entry("block-*.attention.values", "decoder.block.*.layer.0.SelfAttention.v"),
              Map.entry("block-*.attention.output", "decoder.block.*.layer.0.SelfAttention.o"),
              Map.entry("block-*.crossNorm", "decoder.block.*.layer.1.layer_norm"),
              Map.entry(
                  "block-*.crossAttention.queries", "decoder.block.*.layer.1.EncDecAttention.q"),
              Map.entry("block-*.crossAttention.keys", "decoder.block.*.layer.1.EncDecAttention.k"),
              Map.entry(
                  "block-*.crossAttention.values", "decoder.block.*.layer.1.EncDecAttention.v"),
              Map.entry(
                  "block-*.crossAttention.output", "decoder.block.*.layer.1.EncDecAttention.o"),
              Map.entry("block-*.feedForwardNorm", "decoder.block.*.layer.2.layer_norm"),
              Map.entry("block-*.feedForward.expand", "decoder.block.*.layer.2.DenseReluDense.wi"),
              Map.entry(
                  "block-*.feedForward.contract", "decoder.block.*.layer.2.DenseReluDense.wo"),
              Map.entry("encoder-*.lastNorm", "encoder.final_layer_norm"),
              Map.entry("head.norm", "decoder.final_layer_norm"),
              Map.entry("head.unembedding", "lm_head")));

  /** Of the same with gated layers. */
  static final StateDictionary T5_GATED =
      T5.with(
          Map.of(
              "encoder-*.feedForward.gate", "encoder.block.*.layer.1.DenseReluDense.wi_0",
              "encoder-*.feedForward.expand", "encoder.block.*.layer.1.DenseReluDense.wi_1",
              "block-*.feedForward.gate", "decoder.block.*.layer.2.DenseReluDense.wi_0",
              "block-*.feedForward.expand", "decoder.block.*.layer.2.DenseReluDense.wi_1"));

  /** Of MarianMTModel. */
  static final StateDictionary MARIAN =
      new StateDictionary(
          Map.ofEntries(
              Map.entry("embedding.tokens", "model.shared"),
              Map.entry("encoder-*.attention.queries", "model.encoder.layers.*.self_attn.q_proj"),
              Map.entry("encoder-*.attention.keys", "model.encoder.layers.*.self_attn.k_proj"),
              Map.entry("encoder-*.attention.values", "model.encoder.layers.*.self_attn.v_proj"),
              Map.entry("encoder-*.attention.output", "model.encoder.layers.*.self_attn.out_proj"),
              Map.entry("encoder-*.attentionNorm", "model.encoder.layers.*.self_attn_layer_norm"),
              Map.entry("encoder-*.feedForward.expand", "model.encoder.layers.*.fc1"),
              Map.entry("encoder-*.feedForward.contract", "model.encoder.layers.*.fc2"),
              Map.entry("encoder-*.feedForwardNorm", "model.encoder.layers.*.final_layer_norm"),
              Map.entry("block-*.attention.queries", "model.decoder.layers.*.self_attn.q_proj"),
              Map.entry("block-*.attention.keys", "model.decoder.layers.*.self_attn.k_proj"),
              Map.entry("block-*.attention.values", "model.decoder.layers.*.self_attn.v_proj"),
              Map.entry("block-*.attention.output", "model.decoder.layers.*.self_attn.out_proj"),
              Map.entry("block-*.attentionNorm", "model.decoder.layers.*.self_attn_layer_norm"),
              Map.entry(
                  "block-*.crossAttention.queries", "model.decoder.layers.*.encoder_attn.q_proj"),
              Map.entry(
                  "block-*.crossAttention.keys", "model.decoder.layers.*.encoder_attn.k_proj"),
              Map.entry(
                  "block-*.crossAttention.values", "model.decoder.layers.*.encoder_attn.v_proj"),
              Map.entry(
                  "block-*.crossAttention.output", "model.decoder.layers.*.encoder_attn.out_proj"),
              Map.entry("block-*.crossNorm", "model.decoder.layers.*.encoder_attn_layer_norm"),
              Map.entry("block-*.feedForward.expand", "model.decoder.layers.*.fc1"),
              Map.entry("block-*.feedForward.contract", "model.decoder.layers.*.fc2"),
              Map.entry("block-*.feedForwardNorm", "model.decoder.layers.*.final_layer_norm"),
              Map.entry("head.bias", "final_logits_bias")));

  private static final Pattern RECURRENT =
      Pattern.compile("block-(\\d+)\\.(?:(input)|recurrent)\\.(weight|bias)");

  /**
   * Of torch.nn.RNN, LSTM and GRU as a model's {@code rnn}: {@code rnn.weight_ih_l0}, {@code
   * rnn.bias_hh_l0} and so on. All else has the names of the modules here.
   */
  static String recurrent(String path) {
    Matcher layer = RECURRENT.matcher(path);
    return layer.matches()
        ? "rnn." + layer.group(3) + (layer.group(2) == null ? "_hh_l" : "_ih_l") + layer.group(1)
        : path;
  }

  private StateDictionaries() {}
}
