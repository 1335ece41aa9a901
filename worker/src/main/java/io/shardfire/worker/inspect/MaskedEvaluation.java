package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.objective.Objective;
import io.shardfire.worker.objective.ObjectiveSettings;
import io.shardfire.worker.objective.SequenceOrder;
import io.shardfire.worker.objective.Vocabulary;
import io.shardfire.worker.program.ProgramRecorder;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Evaluates encoders on hidden tokens of a split, each at its trained context, one after another.
 * Sequences, spread evenly over the split, and their masks are those of a training's validation
 * that packs documents; they are the same for models of one context.
 */
public final class MaskedEvaluation {
  /** Tokens of a sequence that are not the corpus's: one to begin it, one to end it. */
  private static final int SPECIAL = 2;

  private final List<OpenModel> models;
  private final TokenDataset data;
  private final TokenSplit split;
  private final int most;
  private final ObjectiveSettings settings;

  private MaskedEvaluation(
      List<OpenModel> models,
      TokenDataset data,
      TokenSplit split,
      int most,
      ObjectiveSettings settings) {
    this.models = models;
    this.data = data;
    this.split = split;
    this.most = most;
    this.settings = settings;
  }

  /**
   * Chooses what to evaluate.
   *
   * @param data a prepared corpus of the models' vocabulary
   * @param sequences of each model; 0 for as many as have the split's tokens
   * @param masks which tokens are hidden
   * @throws IllegalArgumentException when a model is no encoder, naming it
   * @throws DataException when the corpus has no token that hides others, or is of another
   *     vocabulary than a model, naming it
   */
  public static MaskedEvaluation of(
      List<OpenModel> models,
      TokenDataset data,
      TokenSplit split,
      int sequences,
      MaskSettings masks) {
    for (OpenModel model : models) {
      if (model.model().kind() != Kind.ENCODER) {
        throw new IllegalArgumentException(
            "Hidden tokens are predicted by encoders only; evaluate other models by themselves:"
                + " model="
                + model.name()
                + ", kind="
                + model.model().kind());
      }
      model.requireVocabularyOf(data);
    }
    Vocabulary.of(data.tokenizer()).mask();
    return new MaskedEvaluation(List.copyOf(models), data, split, sequences, masks.objective());
  }

  /**
   * Evaluates every model.
   *
   * @param sink gets the losses as soon as they are there
   * @throws DataException when the split is shorter than a sequence
   * @throws io.shardfire.kernels.device.ComputeException when a model does not fit into memory
   * @throws IllegalArgumentException when a loss is not finite, naming the model
   */
  public void run(ComputeContext compute, BiConsumer<OpenModel, MaskedLosses> sink) {
    List<ModelPlan> plans =
        models.stream().map(model -> ModelPlan.fitting(tokens -> plan(model, tokens))).toList();
    ModelMemory memory = ModelMemory.allocate(compute, plans);
    for (int i = 0; i < models.size(); i++) {
      OpenModel model = models.get(i);
      PlannedPass pass = plans.get(i).passes().get(0);
      long sequences = sequences(model);
      Objective objective =
          Objective.of(
              settings, pass.batch().form(), data, split, new SequenceOrder.Spread(sequences));
      ProgramRecorder recorder = memory.load(plans.get(i), model.weights());
      MaskedLosses losses =
          new MaskedPass(recorder, pass, model.model().vocabularySize()).run(objective, sequences);
      if (!Double.isFinite(losses.mean())) {
        throw new IllegalArgumentException(
            "The model's loss is not finite; inspect shows which weights are not: model="
                + model.name()
                + ", loss="
                + losses.mean());
      }
      sink.accept(model, losses);
    }
  }

  private long sequences(OpenModel model) {
    return most > 0
        ? most
        : Math.max(1, data.tokens(split) / Math.max(1, model.model().context() - SPECIAL));
  }

  private ModelPlan plan(OpenModel model, int tokens) {
    long batch = Math.min(Math.max(1, tokens / model.model().context()), sequences(model));
    BatchForm form = settings.form((int) batch, model.model());
    return ModelPlan.of(List.of(PlannedPass.of(model.model(), model.format(), form)));
  }
}
