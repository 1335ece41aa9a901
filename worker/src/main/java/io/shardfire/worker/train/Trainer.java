package io.shardfire.worker.train;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.CorpusIdentity;
import io.shardfire.worker.data.CorpusProvenanceFile;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.objective.CorpusNeeds;
import io.shardfire.worker.objective.Objective;
import io.shardfire.worker.objective.ObjectiveSettings;
import io.shardfire.worker.objective.SequenceOrder;
import io.shardfire.worker.resume.RunSettings;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The training loop of one rank. Confined to the thread that runs it. */
public final class Trainer {
  private final TrainingConfiguration training;
  private final Communicator communicator;
  private final TrainingListener listener;
  private final BooleanSupplier stop;
  private final ReadAhead batches;
  private final TrainingStep step;
  private final Evaluator evaluator;
  private final RunCheckpoints checkpoints;

  private Trainer(
      TrainingConfiguration training,
      Communicator communicator,
      TrainingListener listener,
      BooleanSupplier stop,
      ReadAhead batches,
      TrainingStep step,
      Evaluator evaluator,
      RunCheckpoints checkpoints) {
    this.training = training;
    this.communicator = communicator;
    this.listener = listener;
    this.stop = stop;
    this.batches = batches;
    this.step = step;
    this.evaluator = evaluator;
    this.checkpoints = checkpoints;
  }

  /**
   * What a run reports that has finished, or has stopped when it was asked to.
   *
   * @param steps done
   * @param skippedSteps of these, since the run began: those that have updated nothing
   * @param validationLoss not a number when the run has stopped before the last step
   * @param checkpoint folder of the one after these steps
   */
  public record Outcome(long steps, long skippedSteps, double validationLoss, String checkpoint) {}

  /**
   * Trains until the last step, then validates and writes the final checkpoint; or until a rank is
   * asked to stop, and then writes one of the step that all of them have done. The rank's memory is
   * free for another run once the caller has closed the communicator, which it does also after a
   * failure.
   *
   * @param stop whether the run is to stop at the end of the step under way; asked in every step,
   *     and enough on one rank
   * @throws TrainingException when the loss is not finite (names step, rank, tensor), in fp16 with
   *     the smallest loss scale, or the data does not fit
   */
  public static Outcome run(
      RunSpecification specification,
      Configuration hadoop,
      ComputeContext compute,
      Communicator communicator,
      TrainingListener listener,
      BooleanSupplier stop) {
    TrainingConfiguration training = specification.training();
    Path corpus = new Path(specification.data());
    try (TokenDataset data = TokenDataset.open(hadoop, corpus)) {
      ModelConfiguration model = withVocabulary(specification.model(), data);
      ObjectiveSettings predicted = training.objectiveSettings(model);
      BatchForm form = training.form(model);
      BatchShape batch = BatchShape.of(training, form.time(), communicator.worldSize());
      DatasetBatches source =
          new DatasetBatches(
              () ->
                  Objective.of(
                      predicted,
                      form,
                      data,
                      TokenSplit.TRAIN,
                      new SequenceOrder.Shuffled(training.seed())),
              batch);
      RunSettings settings =
          TrainerState.settings(
              model,
              training.with().logicalShards(batch.logicalShards()).build(),
              communicator.worldSize(),
              CorpusIdentity.read(hadoop, corpus, data.index()));
      CheckpointStore store = CheckpointStore.open(hadoop, new Path(specification.run()));
      try (ReadAhead batches = new ReadAhead(source, form, batch, communicator.rank(), compute);
          TrainingStep step = new TrainingStep(model, training, compute, communicator, batches);
          RunCheckpoints checkpoints =
              new RunCheckpoints(
                  specification,
                  model,
                  settings,
                  data,
                  CorpusProvenanceFile.read(hadoop, corpus),
                  new CorpusNeeds(predicted, form).sequencesPerEpoch(data.index()),
                  store,
                  communicator,
                  step,
                  listener)) {
        long firstStep = checkpoints.restore();
        if (firstStep == 0 && !specification.from().isEmpty()) {
          step.begin(hadoop, specification.from(), data.vocabularyHash());
        }
        int validated = training.evaluationBatches();
        SequenceOrder spread = new SequenceOrder.Spread((long) validated * form.batch());
        Evaluator evaluator =
            new Evaluator(
                step.layout(),
                step.memory(),
                communicator,
                Objective.of(predicted, form, data, TokenSplit.VALIDATION, spread),
                validated);
        MemoryPlan plan = MemoryPlan.of(step.layout(), training);
        listener.onStart(startReport(compute, communicator, plan, data, firstStep));
        return new Trainer(
                training, communicator, listener, stop, batches, step, evaluator, checkpoints)
            .train(firstStep);
      }
    }
  }

  private static ModelConfiguration withVocabulary(ModelConfiguration model, TokenDataset data) {
    if (model.vocabularySize() == 0) {
      return model.withVocabularySize(data.vocabularySize());
    }
    if (model.vocabularySize() < data.vocabularySize()) {
      throw new TrainingException(
          "The prepared corpus holds token ids beyond the model's vocabulary; set"
              + " model.vocabularySize to 0 or to the corpus's: model.vocabularySize="
              + model.vocabularySize()
              + ", corpus vocabularySize="
              + data.vocabularySize());
    }
    return model;
  }

  private static TrainingListener.StartReport startReport(
      ComputeContext compute,
      Communicator communicator,
      MemoryPlan plan,
      TokenDataset data,
      long firstStep) {
    return new TrainingListener.StartReport(
        communicator.rank(),
        HostName.local(),
        compute.device().name(),
        plan.parameters(),
        plan.parameterBytes(),
        plan.gradientBytes(),
        plan.optimizerBytes(),
        plan.activationBytes(),
        firstStep,
        data.tokens(TokenSplit.TRAIN),
        data.tokens(TokenSplit.VALIDATION));
  }

  private Outcome train(long firstStep) {
    double validationLoss = Double.NaN;
    boolean evaluated = false;
    for (long number = firstStep + 1; number <= training.steps(); number++) {
      long waited = communicator.waitNanos();
      long waitedForData = batches.waitNanos();
      long started = System.nanoTime();
      step.run(number, stop);
      checkpoints.poll();
      report(
          number,
          System.nanoTime() - started,
          communicator.waitNanos() - waited,
          batches.waitNanos() - waitedForData);
      if (step.stops() && number < training.steps()) {
        checkpoints.save(number);
        return outcome(number, Double.NaN);
      }
      evaluated = due(number, training.evaluateEvery());
      if (evaluated) {
        validationLoss = evaluate(number);
      }
      if (due(number, training.checkpointEvery()) || number == training.steps()) {
        checkpoints.save(number);
      }
    }
    if (!evaluated) {
      validationLoss = evaluate(training.steps());
    }
    return outcome(training.steps(), validationLoss);
  }

  private Outcome outcome(long steps, double validationLoss) {
    return new Outcome(
        steps, step.lossScale().skippedSteps(), validationLoss, checkpoints.finish());
  }

  private static boolean due(long step, long every) {
    return every > 0 && step % every == 0;
  }

  private double evaluate(long number) {
    step.awaitParameters();
    double loss = evaluator.loss(number);
    if (communicator.rank() == 0) {
      listener.onEvaluation(number, loss);
    }
    return loss;
  }

  private void report(long number, long nanos, long waitNanos, long dataNanos) {
    if (communicator.rank() == 0) {
      listener.onStep(
          new TrainingListener.StepReport(
              number,
              step.loss(),
              step.learningRate(),
              step.gradientNorm(),
              step.tokensPerStep(),
              nanos * 1e-9,
              share(waitNanos, nanos),
              share(dataNanos, nanos),
              training.scalesLoss() ? step.lossScale() : null,
              step.skipped()));
    }
  }

  private static double share(long part, long nanos) {
    return nanos == 0 ? 0 : (double) part / nanos;
  }
}
