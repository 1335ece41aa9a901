package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.Activation;
import io.shardfire.worker.architecture.ModelConfiguration.CellKind;
import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;

/**
 * A {@link ModelConfiguration} in the making; its components say what each choice means. Confined
 * to one thread.
 */
public final class ModelBuilder {
  static final float ROPE_BASE = 10_000;
  static final int RELATIVE_BUCKETS = 32;
  static final int RELATIVE_DISTANCE = 128;

  private Kind kind = Kind.DECODER;
  private CellKind cell = CellKind.NONE;
  private int layers;
  private int encoderLayers;
  private int heads;
  private int keyValueHeads;
  private int headWidth;
  private int width;
  private int feedForwardWidth;
  private int context;
  private int sourceContext;
  private int vocabularySize;
  private float dropout;
  private NormKind norm = NormKind.LAYER;
  private NormPlacement normPlacement = NormPlacement.PRE;
  private float normEpsilon = 1e-5f;
  private Activation.Function activation = Activation.Function.GELU_TANH;
  private boolean gated;
  private PositionKind positions = PositionKind.LEARNED;
  private float ropeBase = ROPE_BASE;
  private int relativeBuckets = RELATIVE_BUCKETS;
  private int relativeDistance = RELATIVE_DISTANCE;
  private int window;
  private boolean scaledAttention = true;
  private boolean biases = true;
  private boolean tiedEmbeddings = true;
  private boolean sharedEmbeddings = true;
  private boolean scaledEmbeddings;
  private boolean embeddingNorm;
  private int segments;
  private HeadKind head = HeadKind.PLAIN;
  private boolean sentenceHead;

  ModelBuilder(int layers, int heads, int width, int context) {
    this.layers = layers;
    this.heads = heads;
    this.width = width;
    this.context = context;
  }

  ModelBuilder(ModelConfiguration model) {
    kind = model.kind();
    cell = model.cell();
    layers = model.layers();
    encoderLayers = model.encoderLayers();
    heads = model.heads();
    keyValueHeads = model.keyValueHeads();
    headWidth = model.headWidth();
    width = model.width();
    feedForwardWidth = model.feedForwardWidth();
    context = model.context();
    sourceContext = model.sourceContext();
    vocabularySize = model.vocabularySize();
    dropout = model.dropout();
    norm = model.norm();
    normPlacement = model.normPlacement();
    normEpsilon = model.normEpsilon();
    activation = model.activation();
    gated = model.gated();
    positions = model.positions();
    ropeBase = model.ropeBase();
    relativeBuckets = model.relativeBuckets();
    relativeDistance = model.relativeDistance();
    window = model.window();
    scaledAttention = model.scaledAttention();
    biases = model.biases();
    tiedEmbeddings = model.tiedEmbeddings();
    sharedEmbeddings = model.sharedEmbeddings();
    scaledEmbeddings = model.scaledEmbeddings();
    embeddingNorm = model.embeddingNorm();
    segments = model.segments();
    head = model.head();
    sentenceHead = model.sentenceHead();
  }

  /** The configuration, checked. */
  public ModelConfiguration build() {
    return new ModelConfiguration(
        kind,
        cell,
        layers,
        encoderLayers,
        heads,
        keyValueHeads,
        headWidth,
        width,
        feedForwardWidth,
        context,
        sourceContext,
        vocabularySize,
        dropout,
        norm,
        normPlacement,
        normEpsilon,
        activation,
        gated,
        positions,
        ropeBase,
        relativeBuckets,
        relativeDistance,
        window,
        scaledAttention,
        biases,
        tiedEmbeddings,
        sharedEmbeddings,
        scaledEmbeddings,
        embeddingNorm,
        segments,
        head,
        sentenceHead);
  }

  /** Whether this is a model, written in the one way. What can be no model at all is not. */
  boolean makes(ModelConfiguration canonical) {
    // Sizes that the model has are valid with its kind, cells, positions and width of heads.
    return kind == canonical.kind()
        && cell == canonical.cell()
        && positions == canonical.positions()
        && headWidth == canonical.headWidth()
        && build().canonical().equals(canonical);
  }

  /** Which stacks there are. */
  public ModelBuilder kind(Kind value) {
    kind = value;
    return this;
  }

  /** Recurrent layers, with one head and no positions. */
  public ModelBuilder cell(CellKind value) {
    cell = value;
    return this;
  }

  /** Blocks of the encoder beside a decoder. */
  public ModelBuilder encoderLayers(int value) {
    encoderLayers = value;
    return this;
  }

  /** Heads of keys and values. */
  public ModelBuilder keyValueHeads(int value) {
    keyValueHeads = value;
    return this;
  }

  /** Width of one head. */
  public ModelBuilder headWidth(int value) {
    headWidth = value;
    return this;
  }

  /** Width of the layer inside a block. */
  public ModelBuilder feedForwardWidth(int value) {
    feedForwardWidth = value;
    return this;
  }

  /** Most tokens of a sequence. */
  public ModelBuilder context(int value) {
    context = value;
    return this;
  }

  /** Most tokens of the source. */
  public ModelBuilder sourceContext(int value) {
    sourceContext = value;
    return this;
  }

  /** Tokens that are told apart. */
  public ModelBuilder vocabularySize(int value) {
    vocabularySize = value;
    return this;
  }

  /** The rate of dropout. */
  public ModelBuilder dropout(float value) {
    dropout = value;
    return this;
  }

  /** Inside a block. */
  public ModelBuilder activation(Activation.Function value) {
    activation = value;
    return this;
  }

  /** Whether the layer inside a block is gated. */
  public ModelBuilder gated(boolean holds) {
    gated = holds;
    return this;
  }

  /** How places are known. */
  public ModelBuilder positions(PositionKind value) {
    positions = value;
    return this;
  }

  /** Of rotary positions. */
  public ModelBuilder ropeBase(float value) {
    ropeBase = value;
    return this;
  }

  /** Tokens that a query sees. */
  public ModelBuilder window(int value) {
    window = value;
    return this;
  }

  /** Whether scores are scaled. */
  public ModelBuilder scaledAttention(boolean holds) {
    scaledAttention = holds;
    return this;
  }

  /** Whether linear layers have biases. */
  public ModelBuilder biases(boolean holds) {
    biases = holds;
    return this;
  }

  /** Whether prediction shares the embedding's table. */
  public ModelBuilder tiedEmbeddings(boolean holds) {
    tiedEmbeddings = holds;
    return this;
  }

  /** Whether encoder and decoder share a table. */
  public ModelBuilder sharedEmbeddings(boolean holds) {
    sharedEmbeddings = holds;
    return this;
  }

  /** Whether embeddings are scaled. */
  public ModelBuilder scaledEmbeddings(boolean holds) {
    scaledEmbeddings = holds;
    return this;
  }

  /** Whether embeddings are normalised. */
  public ModelBuilder embeddingNorm(boolean holds) {
    embeddingNorm = holds;
    return this;
  }

  /** Kinds of sentences. */
  public ModelBuilder segments(int value) {
    segments = value;
    return this;
  }

  /** How tokens are predicted. */
  public ModelBuilder head(HeadKind value) {
    head = value;
    return this;
  }

  /** Whether sequences are classified. */
  public ModelBuilder sentenceHead(boolean holds) {
    sentenceHead = holds;
    return this;
  }

  /** What normalises, and where. */
  public ModelBuilder norm(NormKind value, NormPlacement placement) {
    norm = value;
    normPlacement = placement;
    return this;
  }

  /** What keeps a norm from dividing by zero. */
  public ModelBuilder normEpsilon(float value) {
    normEpsilon = value;
    return this;
  }

  /** Of relative positions. */
  public ModelBuilder relative(int buckets, int distance) {
    relativeBuckets = buckets;
    relativeDistance = distance;
    return this;
  }
}
