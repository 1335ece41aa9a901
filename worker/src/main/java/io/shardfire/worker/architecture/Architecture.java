package io.shardfire.worker.architecture;

import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BlockStack;
import io.shardfire.worker.nn.Constant;
import io.shardfire.worker.nn.DistanceBias;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.PositionTable;
import io.shardfire.worker.nn.SegmentEmbedding;
import io.shardfire.worker.nn.SentenceHead;
import io.shardfire.worker.nn.SourceEncoder;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.nn.TokenEmbedding;
import io.shardfire.worker.nn.TokenHead;
import io.shardfire.worker.program.Pass;
import java.util.ArrayList;
import java.util.List;

/** Composes the modules that a configuration describes. */
public final class Architecture {
  /** How the units of the encoder beside a decoder begin. */
  public static final String SOURCE_UNIT = "encoder-";

  private static final int SENTENCE_CLASSES = 2;

  private final ModelConfiguration model;
  private final Family family;
  private final TokenBatch batch;
  private final Parts parts;
  private final List<Constant> constants = new ArrayList<>();

  private Architecture(ModelConfiguration model, TokenBatch batch) {
    this.model = model;
    this.family = Family.of(model);
    this.batch = batch;
    this.parts = new Parts(model, family, batch);
  }

  /**
   * The modules of a model.
   *
   * @param batch what passes read and write
   * @throws IllegalArgumentException when the vocabulary size is not known, or the batch is not of
   *     the model's form
   */
  public static LanguageModel of(ModelConfiguration model, TokenBatch batch) {
    if (model.vocabularySize() < 1) {
      throw new IllegalArgumentException(
          "The vocabulary size must be known before parameters are laid out; take it from the"
              + " prepared corpus: vocabularySize="
              + model.vocabularySize());
    }
    require(model, batch.form());
    return new Architecture(model, batch).compose();
  }

  /** What people read of a model: its form and its sizes. */
  public static String describe(ModelConfiguration model) {
    return Family.of(model).title()
        + ", layers="
        + (model.hasSource() ? model.sourceLayers() + " and " : "")
        + model.layers()
        + (model.recurrent() ? "" : ", heads=" + model.heads())
        + ", width="
        + model.width()
        + ", context="
        + model.context()
        + ", vocabulary="
        + model.vocabularySize();
  }

  /** The parameters of a model, by the units they are gathered and stored in. */
  public static List<UnitSpec> units(ModelConfiguration model) {
    BatchForm one =
        new BatchForm(
            1,
            1,
            model.hasSource() ? 1 : 0,
            false,
            false,
            model.segments() > 0,
            model.sentenceHead());
    return of(model, TokenBatch.of(one)).record(Pass.evaluation(1, 1)).units();
  }

  /**
   * The fields that batches of the model's full length have. An encoder predicts some of its tokens
   * only and sees no padding, nor does an encoder-decoder.
   */
  public static BatchForm form(ModelConfiguration model, int microBatch) {
    boolean predictsSome = model.kind() != Kind.DECODER;
    return new BatchForm(
        microBatch,
        model.context(),
        model.source(),
        predictsSome,
        predictsSome,
        model.segments() > 0,
        model.sentenceHead());
  }

  private static void require(ModelConfiguration model, BatchForm form) {
    if (form.time() > model.context() || form.source() > model.source()) {
      throw new IllegalArgumentException(
          "A pass has at most context tokens in each sequence: source="
              + form.source()
              + ", source context="
              + model.source()
              + ", time="
              + form.time()
              + ", context="
              + model.context());
    }
    if (form.source() > 0 != model.hasSource()
        || (model.segments() > 0 && !form.segments())
        || (model.sentenceHead() && !form.labelled())) {
      throw new IllegalArgumentException(
          "A batch has the fields that its model reads: kind="
              + model.kind()
              + ", segments="
              + model.segments()
              + ", sentenceHead="
              + model.sentenceHead()
              + ", form="
              + form);
    }
  }

  private LanguageModel compose() {
    TokenEmbedding embedding =
        embedding(
            model.context(),
            model.tiedEmbeddings(),
            new TokenEmbedding.Reading(batch.ids(), batch.time(), batch.position()));
    BlockStack stack = stack("block-", model.layers(), parts.sequence(), model.hasSource());
    SourceEncoder source = model.hasSource() ? source() : null;
    SentenceHead sentenceHead = model.sentenceHead() ? sentenceHead() : null;
    return new LanguageModel(
        source,
        embedding,
        stack,
        lastNorm("norm"),
        head(),
        sentenceHead,
        constants,
        family::published);
  }

  private SourceEncoder source() {
    TokenEmbedding embedding =
        embedding(
            model.source(),
            model.tiedEmbeddings() && model.sharedEmbeddings(),
            new TokenEmbedding.Reading(batch.sourceIds(), batch.form().source(), batch.position()));
    return new SourceEncoder(
        embedding,
        model.sharedEmbeddings(),
        stack(SOURCE_UNIT, model.sourceLayers(), parts.source(), false),
        lastNorm("lastNorm"));
  }

  private io.shardfire.worker.nn.Norm lastNorm(String name) {
    return model.normPlacement() == NormPlacement.PRE && !model.recurrent()
        ? parts.norm(name)
        : null;
  }

  private TokenEmbedding embedding(int context, boolean unembeds, TokenEmbedding.Reading reading) {
    PositionTable positions =
        switch (model.positions()) {
          case LEARNED -> PositionTable.learned(context, model.width(), parts.normal());
          case SINUSOIDAL -> PositionTable.sinusoidal(context, model.width(), false);
          case SINUSOIDAL_HALVES -> PositionTable.sinusoidal(context, model.width(), true);
          case ROPE, ALIBI, RELATIVE, NONE -> null;
        };
    if (positions != null) {
      positions.constant().ifPresent(constants::add);
    }
    return new TokenEmbedding(
        model.vocabularySize(),
        model.width(),
        parts.tokens(),
        unembeds,
        model.scaledEmbeddings(),
        positions,
        model.segments() == 0
            ? null
            : new SegmentEmbedding(
                model.segments(), model.width(), parts.normal(), batch.segments()),
        model.embeddingNorm() ? parts.norm("norm") : null,
        parts.dropout(),
        reading);
  }

  private BlockStack stack(String unit, int layers, Parts.Reading reading, boolean crosses) {
    DistanceBias biases = parts.biases(reading);
    if (biases != null) {
      constants.add(biases.constant());
    }
    return new BlockStack(unit, parts.blocks(layers, reading, crosses, constants::add), biases);
  }

  private TokenHead head() {
    int width = model.width();
    boolean transforms = model.head() == ModelConfiguration.HeadKind.TRANSFORMED;
    return new TokenHead(
        model.vocabularySize(),
        width,
        model.tiedEmbeddings() ? null : parts.normal(),
        transforms
            ? new TokenHead.Transform(
                parts.linear("transform", width, width, parts.normal()),
                model.activation(),
                parts.norm("transformNorm"))
            : null,
        model.head() == ModelConfiguration.HeadKind.SCALED
            ? (float) (1 / StrictMath.sqrt(width))
            : 1,
        switch (model.head()) {
          case TRANSFORMED -> List.of(model.vocabularySize());
          case BIASED -> List.of(1, model.vocabularySize());
          case PLAIN, SCALED -> List.of();
        },
        batch);
  }

  private SentenceHead sentenceHead() {
    SentenceHead head =
        SentenceHead.of(
            parts.linear("pooler", model.width(), model.width(), parts.normal()),
            parts.linear("sentence", model.width(), SENTENCE_CLASSES, parts.normal()),
            batch);
    constants.addAll(head.constants());
    return head;
  }
}
