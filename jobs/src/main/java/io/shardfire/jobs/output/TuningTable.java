package io.shardfire.jobs.output;

import io.shardfire.kernels.device.Tunable;
import io.shardfire.kernels.tuning.Trial;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** Prints the values that a tuner tries, and what came of it. */
public final class TuningTable implements Consumer<Trial> {
  private static final double PERCENT = 100;

  private final PrintWriter out;
  private final Map<Tunable, Trial> last = new EnumMap<>(Tunable.class);

  /** Prints to a stream. */
  public TuningTable(PrintWriter out) {
    this.out = out;
  }

  /** Prints what is going on. */
  public void progress(String line) {
    out.println(line);
    out.flush();
  }

  @Override
  public void accept(Trial trial) {
    last.put(trial.tunable(), trial);
    out.println(
        String.format(
            Locale.ROOT,
            "  %-30s %6d -> %-6d %+6.1f%%, faster in %3.0f%% of the runs%s",
            trial.tunable().key(),
            trial.before(),
            trial.value(),
            trial.outcome().gain() * PERCENT,
            trial.outcome().wins() * PERCENT,
            trial.outcome().won() ? "  *" : ""));
    out.flush();
  }

  /** Prints what differs from what is shipped, with the gain of its last trial, and the file. */
  public void summary(Map<Tunable, Integer> changes, Path file) {
    out.println();
    changes.forEach(
        (tunable, value) ->
            out.println(
                String.format(
                    Locale.ROOT,
                    "%s=%d instead of %d: %.1f%% faster",
                    tunable.key(),
                    value,
                    last.get(tunable).before(),
                    last.get(tunable).outcome().gain() * PERCENT)));
    if (changes.isEmpty()) {
      out.println("No value is clearly faster than its default.");
    }
    out.println("Wrote " + file);
    out.flush();
  }
}
