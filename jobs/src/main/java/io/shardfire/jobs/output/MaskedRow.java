package io.shardfire.jobs.output;

import io.shardfire.worker.inspect.MaskedLosses;
import io.shardfire.worker.inspect.OpenModel;
import java.util.Locale;

/**
 * How well an encoder predicted hidden tokens.
 *
 * @param model as the user named it
 * @param positions how it knows where a token stands
 * @param context tokens of a sequence
 */
public record MaskedRow(String model, String positions, int context, MaskedLosses losses) {

  /** A model that was evaluated. */
  public static MaskedRow of(OpenModel model, MaskedLosses losses) {
    return new MaskedRow(
        model.name(),
        model.model().positions().name().toLowerCase(Locale.ROOT),
        model.model().context(),
        losses);
  }
}
