package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.WeightOrder;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The families whose published checkpoints we read and write: how each names and stores its
 * tensors, and which configurations are of its form. This is the one place that knows them.
 * Immutable.
 */
public final class Family {
  /** Hugging Face's GPT2LMHeadModel. */
  public static final Family GPT2 =
      new Family(
          "GPT-2",
          new Gpt2Format(),
          Family::isGpt2,
          WeightOrder.INPUT_BY_OUTPUT,
          true,
          new StateDictionary(
              Map.ofEntries(
                  Map.entry("embedding.tokens", "transformer.wte"),
                  Map.entry("embedding.positions", "transformer.wpe"),
                  Map.entry("block-N.attentionNorm", "transformer.h.N.ln_1"),
                  Map.entry("block-N.attention.input", "transformer.h.N.attn.c_attn"),
                  Map.entry("block-N.attention.output", "transformer.h.N.attn.c_proj"),
                  Map.entry("block-N.feedForwardNorm", "transformer.h.N.ln_2"),
                  Map.entry("block-N.feedForward.expand", "transformer.h.N.mlp.c_fc"),
                  Map.entry("block-N.feedForward.contract", "transformer.h.N.mlp.c_proj"),
                  Map.entry("head.norm", "transformer.ln_f"))));

  /** Hugging Face's LlamaForCausalLM. */
  public static final Family LLAMA =
      new Family(
          "Llama",
          new LlamaFormat(),
          Family::isLlama,
          WeightOrder.OUTPUT_BY_INPUT,
          false,
          new StateDictionary(
              Map.ofEntries(
                  Map.entry("embedding.tokens", "model.embed_tokens"),
                  Map.entry("block-N.attentionNorm", "model.layers.N.input_layernorm"),
                  Map.entry("block-N.attention.queries", "model.layers.N.self_attn.q_proj"),
                  Map.entry("block-N.attention.keys", "model.layers.N.self_attn.k_proj"),
                  Map.entry("block-N.attention.values", "model.layers.N.self_attn.v_proj"),
                  Map.entry("block-N.attention.output", "model.layers.N.self_attn.o_proj"),
                  Map.entry("block-N.feedForwardNorm", "model.layers.N.post_attention_layernorm"),
                  Map.entry("block-N.feedForward.gate", "model.layers.N.mlp.gate_proj"),
                  Map.entry("block-N.feedForward.expand", "model.layers.N.mlp.up_proj"),
                  Map.entry("block-N.feedForward.contract", "model.layers.N.mlp.down_proj"),
                  Map.entry("head.norm", "model.norm"),
                  Map.entry("head.unembedding", "lm_head"))));

  /** Any other composition, under the names that the modules have here. */
  public static final Family OWN =
      new Family(
          "composition",
          new OwnFormat(),
          model -> true,
          WeightOrder.OUTPUT_BY_INPUT,
          false,
          UnaryOperator.identity());

  private static final List<Family> ALL = List.of(GPT2, LLAMA, OWN);

  private final String title;
  private final ConfigurationFormat format;
  private final Predicate<ModelConfiguration> form;
  private final WeightOrder order;
  private final boolean fused;
  private final UnaryOperator<String> names;

  private Family(
      String title,
      ConfigurationFormat format,
      Predicate<ModelConfiguration> form,
      WeightOrder order,
      boolean fused,
      UnaryOperator<String> names) {
    this.title = title;
    this.format = format;
    this.form = form;
    this.order = order;
    this.fused = fused;
    this.names = names;
  }

  /** The first family of whose form a model is. */
  public static Family of(ModelConfiguration model) {
    return ALL.stream().filter(family -> family.form.test(model)).findFirst().orElseThrow();
  }

  static List<Family> all() {
    return ALL;
  }

  private static boolean isGpt2(ModelConfiguration model) {
    return model.norm() == NormKind.LAYER
        && model.activation() == Function.GELU_TANH
        && !model.gated()
        && model.positions() == PositionKind.LEARNED
        && model.groups() == model.heads()
        && model.window() == 0
        && model.biases()
        && model.tiedEmbeddings();
  }

  private static boolean isLlama(ModelConfiguration model) {
    return model.norm() == NormKind.RMS
        && model.activation() == Function.SILU
        && model.gated()
        && model.positions() == PositionKind.ROPE
        && model.window() == 0
        && !model.biases()
        && model.dropout() == 0;
  }

  /** The name as exports without the head write it: {@code h.3.attn.c_attn.weight}. */
  public static String shortName(String published) {
    return published.replaceFirst("^(transformer|model)\\.", "");
  }

  /** As people call it. */
  public String title() {
    return title;
  }

  /** How config.json describes a model. */
  ConfigurationFormat format() {
    return format;
  }

  /** How linear weights are stored. */
  WeightOrder order() {
    return order;
  }

  /** Whether queries, keys and values are one tensor, and so gate and value. */
  boolean fused() {
    return fused;
  }

  /** The published name of the tensor at a path such as {@code block-3.attentionNorm.weight}. */
  public String published(String path) {
    return names.apply(path);
  }

  @Override
  public String toString() {
    return title;
  }
}
