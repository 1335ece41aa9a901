package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.RecurrentCell;
import io.shardfire.kernels.ops.RelativeBias;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.Block;
import io.shardfire.worker.nn.Constant;
import io.shardfire.worker.nn.CrossAttention;
import io.shardfire.worker.nn.DistanceBias;
import io.shardfire.worker.nn.Dropped;
import io.shardfire.worker.nn.FeedForward;
import io.shardfire.worker.nn.KeyValueCache;
import io.shardfire.worker.nn.LayerNormalization;
import io.shardfire.worker.nn.Linear;
import io.shardfire.worker.nn.LinearBiases;
import io.shardfire.worker.nn.Norm;
import io.shardfire.worker.nn.PackedLinear;
import io.shardfire.worker.nn.Projection;
import io.shardfire.worker.nn.RecurrentBlock;
import io.shardfire.worker.nn.RelativeBiases;
import io.shardfire.worker.nn.RmsNormalization;
import io.shardfire.worker.nn.Rotary;
import io.shardfire.worker.nn.ScaledDotProduct;
import io.shardfire.worker.nn.SelfAttention;
import io.shardfire.worker.nn.SourceCache;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.nn.TransformerBlock;
import io.shardfire.worker.program.Initial;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/** The parts of blocks and around them, of one configuration. */
record Parts(ModelConfiguration model, Family family, TokenBatch batch) {
  /** Deviation of initial weights (Radford et al., 2019). */
  private static final double DEVIATION = 0.02;

  /**
   * Deviation of vectors that cells read, by trial: losses fall as fast from 0.5, slower from 0.06.
   */
  private static final double CELL_INPUT_DEVIATION = 0.2;

  /**
   * The sequences that a stack of blocks reads.
   *
   * @param time tokens of each that a pass computes
   * @param keys tokens of each that it looks at
   * @param context most of them
   * @param causal whether those behind a token are hidden from it
   * @param visible which each sees; null for all
   */
  record Reading(int time, int keys, int context, boolean causal, TokenBatch.Interval visible) {}

  /** The sequences that a loss is computed for. */
  Reading sequence() {
    return new Reading(
        batch.time(), batch.keys(), model.context(), model.kind() != Kind.ENCODER, batch.visible());
  }

  /** Those that an encoder reads beside a decoder. */
  Reading source() {
    int time = batch.form().source();
    return new Reading(time, time, model.source(), false, batch.sourceVisible());
  }

  Initial normal() {
    return new Initial.Normal(DEVIATION);
  }

  /**
   * Tokens' vectors that are multiplied by the root of the width have a variance of 1 then. No norm
   * stands between vectors and cells, whose gates would hardly open for such small ones as others
   * begin with.
   */
  Initial tokens() {
    if (model.recurrent()) {
      return new Initial.Normal(CELL_INPUT_DEVIATION);
    }
    return model.scaledEmbeddings()
        ? new Initial.Normal(1 / StrictMath.sqrt(model.width()))
        : normal();
  }

  Dropped dropout() {
    return new Dropped(model.dropout(), batch.dropoutKey());
  }

  Linear linear(String name, int inputs, int outputs, Initial weights) {
    return new Linear(name, inputs, outputs, family.order(), model.biases(), weights);
  }

  Norm norm(String name) {
    return model.norm() == NormKind.LAYER
        ? new LayerNormalization(name, model.width(), model.normEpsilon())
        : new RmsNormalization(name, model.width(), model.normEpsilon());
  }

  /** Biases by distance of a stack's self-attention; null where the model has none. */
  DistanceBias biases(Reading reading) {
    return switch (model.positions()) {
      case ALIBI -> LinearBiases.of(shape(reading.time(), reading.keys()));
      case RELATIVE ->
          RelativeBiases.of(
              new RelativeBias.Buckets(
                  model.relativeBuckets(), model.relativeDistance(), !reading.causal()),
              shape(reading.time(), reading.keys()),
              normal());
      default -> null;
    };
  }

  /**
   * The blocks of a stack.
   *
   * @param crosses whether they attend to the encoder of the source
   * @param constants takes the tables that the host fills
   */
  List<Block> blocks(int layers, Reading reading, boolean crosses, Consumer<Constant> constants) {
    if (model.recurrent()) {
      return Collections.nCopies(layers, recurrentBlock());
    }
    Rotary rotary =
        model.positions() == PositionKind.ROPE
            ? Rotary.of(reading.context(), model.headSize(), model.ropeBase(), batch.position())
            : null;
    if (rotary != null) {
      constants.accept(rotary.constant());
    }
    // Scaled where the branches of all layers add up in the residual stream.
    Initial residual =
        model.normPlacement() == NormPlacement.PRE
            ? new Initial.Normal(DEVIATION / StrictMath.sqrt(2.0 * layers))
            : normal();
    return Collections.nCopies(layers, block(reading, crosses, rotary, residual));
  }

  private RecurrentBlock recurrentBlock() {
    RecurrentCell cell = RecurrentCell.valueOf(model.cell().name());
    int width = model.width();
    // The variance of a uniform distribution up to the root of 1 / H, as in PyTorch.
    Initial weights = new Initial.Normal(1 / StrictMath.sqrt(3.0 * width));
    return new RecurrentBlock(
        cell,
        linear("input", width, cell.gates() * width, weights),
        model.biases(),
        weights,
        dropout(),
        batch);
  }

  private TransformerBlock block(
      Reading reading, boolean crosses, Rotary rotary, Initial residual) {
    AttentionShape shape = shape(reading.time(), reading.keys());
    SelfAttention self =
        new SelfAttention(
            "attention",
            new ScaledDotProduct(
                shape,
                reading.causal(),
                model.window(),
                model.scaledAttention(),
                reading.visible(),
                dropout()),
            attentionInput(shape),
            projection("output", shape.width(), residual),
            rotary,
            new KeyValueCache(batch));
    return new TransformerBlock(
        model.normPlacement() == NormPlacement.PRE,
        norm("attentionNorm"),
        self,
        crosses ? norm("crossNorm") : null,
        crosses ? cross(residual) : null,
        norm("feedForwardNorm"),
        new FeedForward(
            "feedForward",
            feedForwardInput(),
            model.activation(),
            model.gated(),
            projection("contract", model.hidden(), residual)));
  }

  private CrossAttention cross(Initial residual) {
    AttentionShape shape = shape(batch.time(), batch.form().source());
    int width = model.width();
    return new CrossAttention(
        CrossAttention.NAME,
        new ScaledDotProduct(
            shape, false, 0, model.scaledAttention(), batch.crossVisible(), dropout()),
        linear("queries", width, shape.width(), normal()),
        new PackedLinear(
            "kv",
            List.of(
                linear("keys", width, shape.kvWidth(), normal()),
                linear("values", width, shape.kvWidth(), normal()))),
        projection("output", shape.width(), residual),
        new SourceCache(batch));
  }

  private AttentionShape shape(int time, int keys) {
    return new AttentionShape(
        batch.batch(), time, keys, model.heads(), model.groups(), model.headSize());
  }

  private Projection projection(String name, int inputs, Initial weights) {
    return new Projection(linear(name, inputs, model.width(), weights), dropout());
  }

  private PackedLinear attentionInput(AttentionShape shape) {
    int width = model.width();
    int queries = shape.width();
    int groups = shape.kvWidth();
    return new PackedLinear(
        "qkv",
        family.fused()
            ? List.of(linear("input", width, queries + 2 * groups, normal()))
            : List.of(
                linear("queries", width, queries, normal()),
                linear("keys", width, groups, normal()),
                linear("values", width, groups, normal())));
  }

  private PackedLinear feedForwardInput() {
    Linear expand = linear("expand", model.width(), model.hidden(), normal());
    return new PackedLinear(
        "hidden",
        model.gated()
            ? List.of(linear("gate", model.width(), model.hidden(), normal()), expand)
            : List.of(expand));
  }
}
