package io.shardfire.worker.train;

import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.worker.objective.ObjectiveKind;
import io.shardfire.worker.objective.Packing;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.train.TrainingConfiguration.DecayShape;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;

/**
 * A {@link TrainingConfiguration} in the making, which begins with what holds where a configuration
 * says nothing; the record's components say what each setting means. Confined to one thread.
 */
public final class TrainingBuilder {
  private long steps = 1000;
  private int microBatch = 8;
  private int accumulation = 1;
  private int logicalShards;
  private int zeroStage = 1;
  private long seed = 1337;
  private ScheduleKind schedule = ScheduleKind.COSINE;
  private float learningRate = 6e-4f;
  private float minimumLearningRate;
  private long warmupSteps = 100;
  private long decaySteps;
  private DecayShape decayShape = DecayShape.LINEAR;
  private float decayShare = 0.1f;
  private OptimizerKind optimizer = OptimizerKind.ADAMW;
  private float beta1 = 0.9f;
  private float beta2 = 0.95f;
  private float epsilon = 1e-8f;
  private float momentum = 0.9f;
  private boolean nesterov;
  private boolean relativeStep;
  private float weightDecay = 0.1f;
  private float clipNorm = 1;
  private long evaluateEvery = 250;
  private int evaluationBatches = 20;
  private long checkpointEvery = 250;
  private int keepCheckpoints = 2;
  private boolean recompute;
  private Precision precision = Precision.FP32;
  private float lossScale = 65_536;
  private long lossScaleWindow = 2000;
  private ActivationFormat activations = ActivationFormat.FP32;
  private ParameterFormat parameters = ParameterFormat.FP32;
  private boolean packedWeights;
  private ElementType gradientExchange = ElementType.FP32;
  private ObjectiveKind objective = ObjectiveKind.AUTO;
  private Packing packing = Packing.AUTO;
  private float maskedShare = 0.15f;
  private float meanSpan = 3;
  private boolean wholeWords;
  private boolean nextSentence;

  TrainingBuilder() {}

  TrainingBuilder(TrainingConfiguration training) {
    steps = training.steps();
    microBatch = training.microBatch();
    accumulation = training.accumulation();
    logicalShards = training.logicalShards();
    zeroStage = training.zeroStage();
    seed = training.seed();
    schedule = training.schedule();
    learningRate = training.learningRate();
    minimumLearningRate = training.minimumLearningRate();
    warmupSteps = training.warmupSteps();
    decaySteps = training.decaySteps();
    decayShape = training.decayShape();
    decayShare = training.decayShare();
    optimizer = training.optimizer();
    beta1 = training.beta1();
    beta2 = training.beta2();
    epsilon = training.epsilon();
    momentum = training.momentum();
    nesterov = training.nesterov();
    relativeStep = training.relativeStep();
    weightDecay = training.weightDecay();
    clipNorm = training.clipNorm();
    evaluateEvery = training.evaluateEvery();
    evaluationBatches = training.evaluationBatches();
    checkpointEvery = training.checkpointEvery();
    keepCheckpoints = training.keepCheckpoints();
    recompute = training.recompute();
    precision = training.precision();
    lossScale = training.lossScale();
    lossScaleWindow = training.lossScaleWindow();
    activations = training.activations();
    parameters = training.parameters();
    packedWeights = training.packedWeights();
    gradientExchange = training.gradientExchange();
    objective = training.objective();
    packing = training.packing();
    maskedShare = training.maskedShare();
    meanSpan = training.meanSpan();
    wholeWords = training.wholeWords();
    nextSentence = training.nextSentence();
  }

  /** Steps of the run. */
  public TrainingBuilder steps(long value) {
    steps = value;
    return this;
  }

  /** Sequences of a pass. */
  public TrainingBuilder microBatch(int value) {
    microBatch = value;
    return this;
  }

  /** Passes of a logical shard. */
  public TrainingBuilder accumulation(int value) {
    accumulation = value;
    return this;
  }

  /** V; 0 for one a rank. */
  public TrainingBuilder logicalShards(int value) {
    logicalShards = value;
    return this;
  }

  /** 0 or 1. */
  public TrainingBuilder zeroStage(int value) {
    zeroStage = value;
    return this;
  }

  /** Of parameters, order and dropout. */
  public TrainingBuilder seed(long value) {
    seed = value;
    return this;
  }

  /** Of the learning rate after the warm-up. */
  public TrainingBuilder schedule(ScheduleKind value) {
    schedule = value;
    return this;
  }

  /** At the end of the warm-up. */
  public TrainingBuilder learningRate(float value) {
    learningRate = value;
    return this;
  }

  /** At the end of the decay. */
  public TrainingBuilder minimumLearningRate(float value) {
    minimumLearningRate = value;
    return this;
  }

  /** Steps until the whole learning rate. */
  public TrainingBuilder warmupSteps(long value) {
    warmupSteps = value;
    return this;
  }

  /** Step at which the minimum is reached; 0 for the last. */
  public TrainingBuilder decaySteps(long value) {
    decaySteps = value;
    return this;
  }

  /** Of warm-up-stable-decay. */
  public TrainingBuilder decayShape(DecayShape value) {
    decayShape = value;
    return this;
  }

  /** Share of the steps that decay, of warm-up-stable-decay. */
  public TrainingBuilder decayShare(float value) {
    decayShare = value;
    return this;
  }

  /** What updates the parameters. */
  public TrainingBuilder optimizer(OptimizerKind value) {
    optimizer = value;
    return this;
  }

  /** Of AdamW and Lion. */
  public TrainingBuilder beta1(float value) {
    beta1 = value;
    return this;
  }

  /** Of AdamW and Lion. */
  public TrainingBuilder beta2(float value) {
    beta2 = value;
    return this;
  }

  /** Of AdamW. */
  public TrainingBuilder epsilon(float value) {
    epsilon = value;
    return this;
  }

  /** Of SGD; 0 for none. */
  public TrainingBuilder momentum(float value) {
    momentum = value;
    return this;
  }

  /** Whether SGD looks ahead along the momentum. */
  public TrainingBuilder nesterov(boolean value) {
    nesterov = value;
    return this;
  }

  /** Whether Adafactor's steps follow the size of each tensor. */
  public TrainingBuilder relativeStep(boolean value) {
    relativeStep = value;
    return this;
  }

  /** Of matrices. */
  public TrainingBuilder weightDecay(float value) {
    weightDecay = value;
    return this;
  }

  /** Largest norm of the gradient; 0 for any. */
  public TrainingBuilder clipNorm(float value) {
    clipNorm = value;
    return this;
  }

  /** Steps between validations; 0 for the end only. */
  public TrainingBuilder evaluateEvery(long value) {
    evaluateEvery = value;
    return this;
  }

  /** Batches of a validation. */
  public TrainingBuilder evaluationBatches(int value) {
    evaluationBatches = value;
    return this;
  }

  /** Steps between checkpoints; 0 for the end only. */
  public TrainingBuilder checkpointEvery(long value) {
    checkpointEvery = value;
    return this;
  }

  /** Checkpoints kept. */
  public TrainingBuilder keepCheckpoints(int value) {
    keepCheckpoints = value;
    return this;
  }

  /** Whether blocks are computed once more in the backward pass. */
  public TrainingBuilder recompute(boolean value) {
    recompute = value;
    return this;
  }

  /** Of the operands of products. */
  public TrainingBuilder precision(Precision value) {
    precision = value;
    return this;
  }

  /** The first of fp16. */
  public TrainingBuilder lossScale(float value) {
    lossScale = value;
    return this;
  }

  /** Good steps after which fp16 doubles the loss scale. */
  public TrainingBuilder lossScaleWindow(long value) {
    lossScaleWindow = value;
    return this;
  }

  /** Of what the forward pass made, until the backward pass reads it. */
  public TrainingBuilder activations(ActivationFormat value) {
    activations = value;
    return this;
  }

  /** Of the whole parameters, as passes read them. */
  public TrainingBuilder parameters(ParameterFormat value) {
    parameters = value;
    return this;
  }

  /** Whether products in bf16 keep packed weights for all passes of a step. */
  public TrainingBuilder packedWeights(boolean value) {
    packedWeights = value;
    return this;
  }

  /** Of gradients on their way between ranks. */
  public TrainingBuilder gradientExchange(ElementType value) {
    gradientExchange = value;
    return this;
  }

  /** What is learned. */
  public TrainingBuilder objective(ObjectiveKind value) {
    objective = value;
    return this;
  }

  /** How documents fill sequences. */
  public TrainingBuilder packing(Packing value) {
    packing = value;
    return this;
  }

  /** Share of the tokens that are hidden. */
  public TrainingBuilder maskedShare(float value) {
    maskedShare = value;
    return this;
  }

  /** Mean length of hidden spans. */
  public TrainingBuilder meanSpan(float value) {
    meanSpan = value;
    return this;
  }

  /** Whether words are hidden whole. */
  public TrainingBuilder wholeWords(boolean value) {
    wholeWords = value;
    return this;
  }

  /** Whether sentences are told apart that follow each other. */
  public TrainingBuilder nextSentence(boolean value) {
    nextSentence = value;
    return this;
  }

  /**
   * The configuration.
   *
   * @throws IllegalArgumentException naming the setting that is out of range, and its remedy
   */
  public TrainingConfiguration build() {
    return new TrainingConfiguration(
        steps,
        microBatch,
        accumulation,
        logicalShards,
        zeroStage,
        seed,
        schedule,
        learningRate,
        minimumLearningRate,
        warmupSteps,
        decaySteps,
        decayShape,
        decayShare,
        optimizer,
        beta1,
        beta2,
        epsilon,
        momentum,
        nesterov,
        relativeStep,
        weightDecay,
        clipNorm,
        evaluateEvery,
        evaluationBatches,
        checkpointEvery,
        keepCheckpoints,
        recompute,
        precision,
        lossScale,
        lossScaleWindow,
        activations,
        parameters,
        packedWeights,
        gradientExchange,
        objective,
        packing,
        maskedShare,
        meanSpan,
        wholeWords,
        nextSentence);
  }
}
