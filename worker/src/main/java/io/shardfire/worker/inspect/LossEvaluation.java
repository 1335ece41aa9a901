package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.program.ProgramRecorder;
import java.util.List;
import java.util.function.BiConsumer;

/** Evaluates models on the same tokens, each at several contexts, one pass after another. */
public final class LossEvaluation {
  private final List<Task> tasks;
  private final EvaluationText text;

  private LossEvaluation(List<Task> tasks, EvaluationText text) {
    this.tasks = tasks;
    this.text = text;
  }

  /** A model and the contexts to evaluate it at. */
  public record Task(OpenModel model, List<Integer> contexts) {
    /** Checks and copies. */
    public Task {
      contexts = List.copyOf(contexts);
      if (model.model().kind() != Kind.DECODER) {
        throw new IllegalArgumentException(
            "Losses are those of next tokens, which only a decoder predicts: model="
                + model.name()
                + ", kind="
                + model.model().kind());
      }
      if (contexts.isEmpty()
          || contexts.stream().anyMatch(context -> context < 1 || !model.reaches(context))) {
        throw new IllegalArgumentException(
            "A model is evaluated at contexts that it has positions for: model="
                + model.name()
                + ", positions="
                + model.model().positions()
                + ", trained context="
                + model.model().context()
                + ", contexts="
                + contexts);
      }
    }
  }

  /**
   * Chooses the tokens that all tasks are compared on.
   *
   * @param data a prepared corpus of the models' vocabulary
   * @param windows most windows of the longest context; 0 for the whole split
   * @throws DataException when the split is too short, the corpus holds pairs, or it is of another
   *     vocabulary than a model, naming it
   */
  public static LossEvaluation of(
      List<Task> tasks, TokenDataset data, TokenSplit split, int windows) {
    tasks.forEach(task -> task.model().requireVocabularyOf(data));
    requireText(data);
    int longest =
        tasks.stream()
            .flatMap(task -> task.contexts().stream())
            .mapToInt(Integer::intValue)
            .max()
            .orElseThrow();
    return new LossEvaluation(List.copyOf(tasks), EvaluationText.of(data, split, longest, windows));
  }

  private static void requireText(TokenDataset data) {
    if (data.index().content() == CorpusContent.PAIRS) {
      throw new DataException(
          "The corpus holds pairs of a source and a target, and a decoder reads plain texts;"
              + " prepare the texts with another --documents: content=pairs");
    }
  }

  /** What is evaluated on. */
  public EvaluationText text() {
    return text;
  }

  /**
   * Evaluates every task at every context.
   *
   * @param sink gets the losses as soon as they are there
   * @throws io.shardfire.kernels.device.ComputeException when a model does not fit into memory
   * @throws IllegalArgumentException when a loss is not finite, naming the model
   */
  public void run(ComputeContext compute, BiConsumer<OpenModel, Losses> sink) {
    List<ModelPlan> plans =
        tasks.stream().map(task -> ModelPlan.fitting(tokens -> plan(task, tokens))).toList();
    ModelMemory memory = ModelMemory.allocate(compute, plans);
    for (int i = 0; i < tasks.size(); i++) {
      OpenModel model = tasks.get(i).model();
      ProgramRecorder recorder = memory.load(plans.get(i), model.weights());
      ByteLengths byteLengths = new ByteLengths(model.tokenizer());
      for (PlannedPass pass : plans.get(i).passes()) {
        LossPass run = new LossPass(recorder, pass, model.model().vocabularySize(), byteLengths);
        Losses losses = run.run(text);
        requireFinite(model, losses);
        sink.accept(model, losses);
      }
    }
  }

  private static void requireFinite(OpenModel model, Losses losses) {
    if (!Double.isFinite(losses.mean())) {
      throw new IllegalArgumentException(
          "The model's loss is not finite; inspect shows which weights are not: model="
              + model.name()
              + ", context="
              + losses.context()
              + ", loss="
              + losses.mean());
    }
  }

  private ModelPlan plan(Task task, int tokens) {
    return ModelPlan.of(
        task.contexts().stream()
            .map(
                context -> {
                  long batch = Math.min(Math.max(1, tokens / context), text.windows(context));
                  return PlannedPass.of(
                      task.model().model(), task.model().format(), (int) batch, context);
                })
            .toList());
  }
}
