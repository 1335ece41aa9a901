package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.CausalLanguageModel;
import io.shardfire.worker.nn.Constant;
import io.shardfire.worker.nn.Dropped;
import io.shardfire.worker.nn.FeedForward;
import io.shardfire.worker.nn.LayerNormalization;
import io.shardfire.worker.nn.Linear;
import io.shardfire.worker.nn.LinearBiases;
import io.shardfire.worker.nn.NextTokenHead;
import io.shardfire.worker.nn.Norm;
import io.shardfire.worker.nn.PackedLinear;
import io.shardfire.worker.nn.Projection;
import io.shardfire.worker.nn.RmsNormalization;
import io.shardfire.worker.nn.Rotary;
import io.shardfire.worker.nn.SelfAttention;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.nn.TokenEmbedding;
import io.shardfire.worker.nn.TransformerBlock;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Composes the modules that a configuration describes. */
public final class Architecture {
  /** Deviation of initial weights (Radford et al., 2019). */
  private static final double DEVIATION = 0.02;

  private final ModelConfiguration model;
  private final Family family;
  private final TokenBatch batch;
  private final Dropped dropout;
  private final Initial normal = new Initial.Normal(DEVIATION);

  private Architecture(ModelConfiguration model, TokenBatch batch) {
    this.model = model;
    this.family = Family.of(model);
    this.batch = batch;
    this.dropout = new Dropped(model.dropout(), batch.dropoutKey());
  }

  /**
   * The modules of a model.
   *
   * @param batch what passes read and write
   * @throws IllegalArgumentException when the vocabulary size is not known
   */
  public static CausalLanguageModel of(ModelConfiguration model, TokenBatch batch) {
    if (model.vocabularySize() < 1) {
      throw new IllegalArgumentException(
          "The vocabulary size must be known before parameters are laid out; take it from the"
              + " prepared corpus: vocabularySize="
              + model.vocabularySize());
    }
    return new Architecture(model, batch).compose();
  }

  /** The parameters of a model, by the units they are gathered and stored in. */
  public static List<UnitSpec> units(ModelConfiguration model) {
    return of(model, TokenBatch.of(1, 1)).record(Pass.evaluation(1, 1)).units();
  }

  private CausalLanguageModel compose() {
    AttentionShape shape =
        new AttentionShape(
            batch.batch(),
            batch.time(),
            batch.keys(),
            model.heads(),
            model.groups(),
            model.headSize());
    Rotary rotary =
        model.positions() == PositionKind.ROPE
            ? Rotary.of(model.context(), model.headSize(), model.ropeBase(), batch.position())
            : null;
    LinearBiases biases = model.positions() == PositionKind.ALIBI ? LinearBiases.of(shape) : null;
    TokenEmbedding embedding = embedding();
    List<Constant> constants = new ArrayList<>(embedding.constants());
    if (rotary != null) {
      constants.add(rotary.constant());
    }
    if (biases != null) {
      constants.add(biases.constant());
    }
    return new CausalLanguageModel(
        embedding,
        Collections.nCopies(model.layers(), block(shape, rotary, biases)),
        norm("norm"),
        new NextTokenHead(
            model.vocabularySize(), model.width(), model.tiedEmbeddings() ? null : normal, batch),
        constants,
        family::published);
  }

  private TokenEmbedding embedding() {
    TokenEmbedding.Positions positions =
        switch (model.positions()) {
          case LEARNED -> TokenEmbedding.Positions.LEARNED;
          case SINUSOIDAL -> TokenEmbedding.Positions.SINUSOIDAL;
          case ROPE, ALIBI, NONE -> TokenEmbedding.Positions.NONE;
        };
    Value sinusoids =
        positions == TokenEmbedding.Positions.SINUSOIDAL
            ? TokenEmbedding.sinusoidTable(model.context(), model.width())
            : null;
    return new TokenEmbedding(
        model.vocabularySize(),
        model.context(),
        model.width(),
        normal,
        positions,
        sinusoids,
        dropout,
        batch);
  }

  private TransformerBlock block(AttentionShape shape, Rotary rotary, LinearBiases biases) {
    int width = model.width();
    // Scaled, since 2L branches add up in the residual stream.
    Initial residual = new Initial.Normal(DEVIATION / StrictMath.sqrt(2.0 * model.layers()));
    return new TransformerBlock(
        norm("attentionNorm"),
        new SelfAttention(
            "attention",
            shape,
            model.window(),
            attentionInput(shape),
            new Projection(linear("output", width, width, residual), dropout),
            dropout,
            rotary,
            biases,
            batch.position()),
        norm("feedForwardNorm"),
        new FeedForward(
            "feedForward",
            feedForwardInput(),
            model.activation(),
            model.gated(),
            new Projection(linear("contract", model.hidden(), width, residual), dropout)));
  }

  private PackedLinear attentionInput(AttentionShape shape) {
    int width = model.width();
    int groups = shape.kvWidth();
    return new PackedLinear(
        "qkv",
        family.fused()
            ? List.of(linear("input", width, width + 2 * groups, normal))
            : List.of(
                linear("queries", width, width, normal),
                linear("keys", width, groups, normal),
                linear("values", width, groups, normal)));
  }

  private PackedLinear feedForwardInput() {
    Linear expand = linear("expand", model.width(), model.hidden(), normal);
    return new PackedLinear(
        "hidden",
        model.gated()
            ? List.of(linear("gate", model.width(), model.hidden(), normal), expand)
            : List.of(expand));
  }

  private Linear linear(String name, int inputs, int outputs, Initial weights) {
    return new Linear(name, inputs, outputs, family.order(), model.biases(), weights);
  }

  private Norm norm(String name) {
    return model.norm() == NormKind.LAYER
        ? new LayerNormalization(name, model.width(), model.normEpsilon())
        : new RmsNormalization(name, model.width(), model.normEpsilon());
  }
}
