package io.shardfire.worker.train;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.program.InitialValues;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;

/**
 * One rank's training step with all it needs: gradients, loss and norm, update. Everything is
 * allocated and recorded at construction. Confined to the thread that runs it; {@link #run} is
 * collective.
 */
public final class TrainingStep implements AutoCloseable {
  private final TrainingConfiguration training;
  private final Communicator communicator;
  private final ComputeContext compute;
  private final RankMemoryLayout layout;
  private final RankMemory memory;
  private final LearningRateSchedule schedule;
  private final NonFiniteSearch search;
  private final MasterWeights masters;
  private final ParameterGather gather;
  private final GradientPass gradients;
  private final StepStatistics statistics;
  private final Optimizer optimizer;
  private LossScale lossScale;
  private double learningRate;
  private boolean skipped;

  /**
   * Allocates the rank's memory and initialises the parameters from the seed.
   *
   * @param model its vocabulary size known
   */
  public TrainingStep(
      ModelConfiguration model,
      TrainingConfiguration training,
      ComputeContext compute,
      Communicator communicator,
      BatchSource source) {
    this(
        training,
        compute,
        communicator,
        source,
        RankMemoryLayout.of(model, training, communicator.worldSize()));
  }

  /** With memory of a layout that the model, the settings and the world size led to. */
  TrainingStep(
      TrainingConfiguration training,
      ComputeContext compute,
      Communicator communicator,
      BatchSource source,
      RankMemoryLayout layout) {
    this.training = training;
    this.communicator = communicator;
    this.compute = compute;
    this.layout = layout;
    this.memory = RankMemoryPool.take(compute, layout);
    this.schedule = LearningRateSchedule.of(training);
    this.search = new NonFiniteSearch(layout, memory);
    this.masters = new MasterWeights(communicator, layout, memory);
    this.gather = new ParameterGather(communicator, layout, memory);
    this.gradients =
        new GradientPass(layout, memory, communicator, training, source, gather, search);
    this.statistics = StepStatistics.record(communicator, layout, memory);
    this.optimizer = Optimizer.record(communicator.rank(), layout, memory, masters, gather);
    this.lossScale = LossScale.of(training);
    layout
        .constants()
        .forEach(table -> table.content().accept(layout.recorder(memory).span(table.value())));
    masters.fill(
        units ->
            InitialValues.write(
                layout.training().parameters(), layout.layout(), training.seed(), units));
  }

  /**
   * Puts the weights of a model folder in the place of the initial values.
   *
   * @param vocabularyHash of the corpus
   * @throws TrainingException when the folder's model is another
   */
  void begin(Configuration hadoop, String from, String vocabularyHash) {
    masters.fill(
        units ->
            StartingModel.read(
                hadoop, from, layout.model(), vocabularyHash, layout.layout(), units));
  }

  /**
   * Runs a step. Other ranks' updates may then still be on their way; the next step waits for them
   * where it needs them. Where loss or gradient norm are not finite, nothing is updated.
   *
   * @param step its number, from 1
   * @throws TrainingException when they are not finite at the smallest loss scale; products that
   *     are not in fp16 know no other
   */
  public void run(long step) {
    run(step, () -> false);
  }

  /**
   * Runs a step, and lets the ranks agree whether it is the last for now.
   *
   * @param stop asked once, whether this rank wants all of them to stop after this step
   */
  void run(long step, BooleanSupplier stop) {
    gradients.run(step, lossScale);
    statistics.exchange(step, stop.getAsBoolean(), gradients.shardLosses(), lossScale.scale());
    learningRate = schedule.rate(step - 1);
    skipped = !statistics.finite();
    if (skipped) {
      skip(step);
    } else {
      update(step);
    }
  }

  /** All ranks have the same statistics, so that all of them skip the step or none. */
  private void skip(long step) {
    if (lossScale.isSmallest()) {
      throw notFinite(step);
    }
    lossScale = lossScale.afterSkippedStep();
  }

  private void update(long step) {
    optimizer.update(
        step, step - lossScale.skippedSteps(), learningRate, gradientScale() / lossScale.scale());
    if (training.scalesLoss()) {
      lossScale = lossScale.afterGoodStep(training.lossScaleWindow());
    }
  }

  /** Waits for other ranks' updates: before parameters are read other than by the next step. */
  public void awaitParameters() {
    gather.await();
  }

  private float gradientScale() {
    double norm = statistics.gradientNorm();
    return training.clipNorm() > 0 && norm > training.clipNorm()
        ? (float) (training.clipNorm() / norm)
        : 1;
  }

  /** All ranks tell what they found, so that all of them report the same cause. */
  private TrainingException notFinite(long step) {
    String found = gradients.firstNonFinite();
    if (found == null) {
      found = search.gradients();
    }
    byte[] mine = (found == null ? "" : found).getBytes(StandardCharsets.UTF_8);
    byte[][] all = communicator.allGatherBytes(new CollectiveKey(step, Phase.CONTROL, 0), mine);
    int rank = 0;
    while (rank < all.length - 1 && all[rank].length == 0) {
      rank++;
    }
    boolean scales = training.scalesLoss();
    return new TrainingException(
        "The loss or gradient is not finite"
            + (scales ? ", with the smallest loss scale too" : "")
            + "; training stopped before the update. Lower training.learningRate, lengthen"
            + " training.warmupSteps"
            + (scales ? ", set training.precision to bf16" : "")
            + " or set training.clipNorm, then resume: step="
            + step
            + ", rank="
            + rank
            + ", tensor="
            + new String(all[rank], StandardCharsets.UTF_8)
            + ", loss="
            + statistics.loss()
            + ", gradientNorm="
            + statistics.gradientNorm());
  }

  /** The loss scale after the last step. */
  LossScale lossScale() {
    return lossScale;
  }

  /** Goes on from a checkpoint's loss scale. */
  void resume(LossScale saved) {
    lossScale = saved;
  }

  /** Whether the last step was skipped, since loss or gradient norm were not finite. */
  boolean skipped() {
    return skipped;
  }

  /** Mean loss of the last step's global batch. */
  public double loss() {
    return statistics.loss();
  }

  /** Gradient norm of the last step, before clipping and without the loss scale. */
  public double gradientNorm() {
    return statistics.gradientNorm();
  }

  /** Whether a rank wanted all of them to stop after the last step; the same on all. */
  boolean stops() {
    return statistics.stops();
  }

  /** Learning rate of the last step. */
  public double learningRate() {
    return learningRate;
  }

  /** Tokens that a step computes, over all ranks: those of sources and of padding, too. */
  public long tokensPerStep() {
    BatchForm form = layout.fields().form();
    return layout.batch().sequencesPerStep() * (form.time() + form.source());
  }

  /**
   * Leaves the rank's memory to the next run of the same shape in this JVM, once the rank has left
   * the group: after a failure, the network may read and write the arenas until then.
   */
  @Override
  public void close() {
    communicator.whenLeft(() -> RankMemoryPool.giveBack(compute, layout, memory));
  }

  RankMemoryLayout layout() {
    return layout;
  }

  MasterWeights masters() {
    return masters;
  }

  RankMemory memory() {
    return memory;
  }
}
