package io.shardfire.jobs.output;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.inspect.Losses;
import io.shardfire.worker.inspect.OpenModel;
import java.util.Locale;
import java.util.Optional;

/**
 * What a model did at a context.
 *
 * @param model as the user named it
 * @param positions how it knows where a token stands; of a recurrent model its cell
 * @param trained the context it was trained at
 * @param losses none where it has learned no positions that far
 */
public record EvaluationRow(
    String model, String positions, int trained, int context, Optional<Losses> losses) {

  /** A context that was evaluated. */
  public static EvaluationRow measured(OpenModel model, Losses losses) {
    return of(model, losses.context(), Optional.of(losses));
  }

  /** A context beyond the positions that a model has. */
  public static EvaluationRow beyond(OpenModel model, int context) {
    return of(model, context, Optional.empty());
  }

  private static EvaluationRow of(OpenModel model, int context, Optional<Losses> losses) {
    return new EvaluationRow(
        model.name(),
        knownBy(model.model()).name().toLowerCase(Locale.ROOT),
        model.model().context(),
        context,
        losses);
  }

  private static Enum<?> knownBy(ModelConfiguration model) {
    return model.recurrent() ? model.cell() : model.positions();
  }

  /** Why there are no losses. */
  public String refusal() {
    return "learned positions end at " + trained;
  }
}
