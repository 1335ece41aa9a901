package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.worker.architecture.ModelConfiguration.CellKind;
import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.WeightOrder;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * The families whose published checkpoints we read and write: what makes a model one of them, and
 * how each names and stores its tensors. This is the one place that knows them. Immutable.
 */
public final class Family {
  private static final List<String> T5_COPIES =
      List.of("lm_head.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight");
  private static final String T5_IGNORED =
      "decoder\\.block\\.0\\.layer\\.1\\.EncDecAttention\\.relative_attention_bias\\.weight";

  /** Hugging Face's GPT2LMHeadModel (Radford et al., 2019). */
  public static final Family GPT2 =
      new Family(
          "GPT-2",
          new Gpt2Format(),
          UnaryOperator.identity(),
          (usual, model) -> usual,
          WeightOrder.INPUT_BY_OUTPUT,
          true,
          StateDictionaries.GPT2,
          List.of("lm_head.weight"),
          "(transformer\\.)?h\\.\\d+\\.attn\\.(bias|masked_bias)");

  /** Hugging Face's LlamaForCausalLM (Touvron et al., 2023). */
  public static final Family LLAMA =
      new Family(
          "Llama",
          new LlamaFormat(),
          usual ->
              usual
                  .norm(NormKind.RMS, NormPlacement.PRE)
                  .activation(Function.SILU)
                  .gated(true)
                  .positions(PositionKind.ROPE)
                  .biases(false)
                  .tiedEmbeddings(false)
                  .dropout(0),
          (usual, model) ->
              usual
                  .keyValueHeads(model.keyValueHeads())
                  .headWidth(model.headWidth())
                  .ropeBase(model.ropeBase())
                  .tiedEmbeddings(model.tiedEmbeddings()),
          WeightOrder.OUTPUT_BY_INPUT,
          false,
          StateDictionaries.LLAMA,
          List.of("lm_head.weight"),
          ".*rotary_emb\\.inv_freq");

  /** Hugging Face's BertForMaskedLM and BertForPreTraining (Devlin et al., 2019). */
  public static final Family BERT =
      new Family(
          "BERT",
          new BertFormat(),
          usual ->
              usual
                  .kind(Kind.ENCODER)
                  .norm(NormKind.LAYER, NormPlacement.POST)
                  .activation(Function.GELU)
                  .embeddingNorm(true)
                  .segments(2)
                  .head(HeadKind.TRANSFORMED),
          (usual, model) ->
              usual
                  .activation(model.activation())
                  .segments(Math.max(1, model.segments()))
                  .sentenceHead(model.sentenceHead()),
          WeightOrder.OUTPUT_BY_INPUT,
          false,
          StateDictionaries.BERT,
          List.of("cls.predictions.decoder.weight"),
          "bert\\.embeddings\\.position_ids|cls\\.predictions\\.decoder\\.bias"
              + "|bert\\.pooler\\..*|cls\\.seq_relationship\\..*");

  /** Hugging Face's T5ForConditionalGeneration (Raffel et al., 2020). */
  public static final Family T5 =
      new Family(
          "T5",
          new T5Format(),
          usual -> t5(usual).activation(Function.RELU).head(HeadKind.SCALED),
          (usual, model) -> t5(usual, model).activation(model.activation()),
          WeightOrder.OUTPUT_BY_INPUT,
          false,
          StateDictionaries.T5,
          T5_COPIES,
          T5_IGNORED);

  /** The same with gated layers, as since its version 1.1. */
  public static final Family T5_GATED =
      new Family(
          "T5 1.1",
          new T5Format(),
          usual -> t5(usual).gated(true).activation(Function.GELU_TANH).tiedEmbeddings(false),
          (usual, model) ->
              t5(usual, model)
                  .activation(
                      model.activation() == Function.GELU
                          ? Function.GELU_TANH
                          : model.activation()),
          WeightOrder.OUTPUT_BY_INPUT,
          false,
          StateDictionaries.T5_GATED,
          T5_COPIES,
          T5_IGNORED);

  /** Hugging Face's MarianMTModel: the transformer of Vaswani et al. (2017). */
  public static final Family MARIAN =
      new Family(
          "Marian",
          new MarianFormat(),
          usual ->
              usual
                  .kind(Kind.ENCODER_DECODER)
                  .norm(NormKind.LAYER, NormPlacement.POST)
                  .normEpsilon(MarianFormat.NORM_EPSILON)
                  .activation(Function.RELU)
                  .positions(PositionKind.SINUSOIDAL_HALVES)
                  .scaledEmbeddings(true)
                  .head(HeadKind.BIASED),
          (usual, model) ->
              usual
                  .encoderLayers(model.encoderLayers())
                  .activation(model.activation())
                  .scaledEmbeddings(model.scaledEmbeddings()),
          WeightOrder.OUTPUT_BY_INPUT,
          false,
          StateDictionaries.MARIAN,
          List.of(
              "lm_head.weight",
              "model.encoder.embed_tokens.weight",
              "model.decoder.embed_tokens.weight"),
          ".*\\.embed_positions\\.weight");

  /** Elman's recurrent networks, under the names of PyTorch's torch.nn.RNN. */
  public static final Family RNN = recurrent("RNN", CellKind.RNN);

  /** Under the names of PyTorch's torch.nn.LSTM. */
  public static final Family LSTM = recurrent("LSTM", CellKind.LSTM);

  /** Under the names of PyTorch's torch.nn.GRU. */
  public static final Family GRU = recurrent("GRU", CellKind.GRU);

  /** Any other composition, under the names that the modules have here. */
  public static final Family OWN =
      new Family(
          "composition",
          new OwnFormat(),
          UnaryOperator.identity(),
          (usual, model) -> model.with(),
          WeightOrder.OUTPUT_BY_INPUT,
          false,
          UnaryOperator.identity(),
          List.of(),
          "");

  private static final List<Family> ALL =
      List.of(GPT2, LLAMA, BERT, T5, T5_GATED, MARIAN, RNN, LSTM, GRU, OWN);

  private final String title;
  private final ConfigurationFormat format;
  private final UnaryOperator<ModelBuilder> form;
  private final BiFunction<ModelBuilder, ModelConfiguration, ModelBuilder> free;
  private final WeightOrder order;
  private final boolean fused;
  private final UnaryOperator<String> names;
  private final List<String> copies;
  private final Pattern ignored;

  /**
   * A family.
   *
   * @param form makes the usual decoder of some sizes one of the family
   * @param free takes over from a model what the family leaves open, besides the sizes
   * @param copies tensors that repeat the table of tokens where files have them
   * @param ignored names of tensors in files that are no parameters of the model, as an expression
   */
  private Family(
      String title,
      ConfigurationFormat format,
      UnaryOperator<ModelBuilder> form,
      BiFunction<ModelBuilder, ModelConfiguration, ModelBuilder> free,
      WeightOrder order,
      boolean fused,
      UnaryOperator<String> names,
      List<String> copies,
      String ignored) {
    this.title = title;
    this.format = format;
    this.form = form;
    this.free = free;
    this.order = order;
    this.fused = fused;
    this.names = names;
    this.copies = copies;
    this.ignored = Pattern.compile(ignored);
  }

  private static Family recurrent(String title, CellKind cell) {
    return new Family(
        title,
        new OwnFormat(),
        usual -> usual.cell(cell).positions(PositionKind.NONE),
        (usual, model) -> model.cell() == cell ? model.with() : usual,
        WeightOrder.OUTPUT_BY_INPUT,
        false,
        StateDictionaries::recurrent,
        List.of(),
        "");
  }

  private static ModelBuilder t5(ModelBuilder usual) {
    return usual
        .kind(Kind.ENCODER_DECODER)
        .norm(NormKind.RMS, NormPlacement.PRE)
        .positions(PositionKind.RELATIVE)
        .scaledAttention(false)
        .biases(false);
  }

  private static ModelBuilder t5(ModelBuilder usual, ModelConfiguration model) {
    return usual
        .encoderLayers(model.encoderLayers())
        .headWidth(model.headWidth())
        .relative(model.relativeBuckets(), model.relativeDistance())
        .tiedEmbeddings(model.tiedEmbeddings())
        .head(model.tiedEmbeddings() ? HeadKind.SCALED : HeadKind.PLAIN);
  }

  /** The first family of whose form a model is. */
  public static Family of(ModelConfiguration model) {
    ModelConfiguration canonical = model.canonical();
    return ALL.stream().filter(family -> family.has(canonical)).findFirst().orElseThrow();
  }

  static List<Family> all() {
    return ALL;
  }

  /** Makes the usual decoder of some sizes a model of this family. */
  public ModelBuilder form(ModelBuilder usual) {
    return form.apply(usual);
  }

  private boolean has(ModelConfiguration canonical) {
    ModelBuilder sizes =
        ModelConfiguration.decoder(
                canonical.layers(), canonical.heads(), canonical.width(), canonical.context())
            .feedForwardWidth(canonical.feedForwardWidth())
            .vocabularySize(canonical.vocabularySize())
            .dropout(canonical.dropout())
            .normEpsilon(canonical.normEpsilon());
    return free.apply(form.apply(sizes), canonical).makes(canonical);
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

  /** Tensors that repeat the table of tokens, bit for bit, where files have them. */
  public List<String> copies() {
    return copies;
  }

  /** Whether files may have a tensor that is no parameter of the model. */
  public boolean ignores(String stored) {
    return ignored.matcher(stored).matches();
  }

  @Override
  public String toString() {
    return title;
  }
}
