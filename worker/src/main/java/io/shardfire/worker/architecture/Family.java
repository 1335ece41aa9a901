package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
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
          model -> isOf(model, sizes(model)),
          WeightOrder.INPUT_BY_OUTPUT,
          true,
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

  private static boolean isLlama(ModelConfiguration model) {
    return model.positions() == PositionKind.ROPE
        && isOf(
            model,
            sizes(model)
                .keyValueHeads(model.keyValueHeads())
                .headWidth(model.headWidth())
                .dropout(0)
                .norm(NormKind.RMS, NormPlacement.PRE, model.normEpsilon())
                .activation(Function.SILU)
                .gated(true)
                .positions(PositionKind.ROPE)
                .ropeBase(model.ropeBase())
                .biases(false)
                .tiedEmbeddings(model.tiedEmbeddings()));
  }

  /** Whether a model is that of a family's form and its own sizes. */
  private static boolean isOf(ModelConfiguration model, ModelBuilder form) {
    return form.build().canonical().equals(model.canonical());
  }

  /** The usual decoder of a model's sizes. */
  private static ModelBuilder sizes(ModelConfiguration model) {
    return ModelConfiguration.decoder(model.layers(), model.heads(), model.width(), model.context())
        .feedForwardWidth(model.feedForwardWidth())
        .vocabularySize(model.vocabularySize())
        .dropout(model.dropout())
        .norm(NormKind.LAYER, NormPlacement.PRE, model.normEpsilon());
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
