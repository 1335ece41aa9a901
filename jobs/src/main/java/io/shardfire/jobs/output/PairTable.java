package io.shardfire.jobs.output;

import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.inspect.PairMatches;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints how many targets encoder-decoders wrote without a fault, and some of the others. */
public final class PairTable {
  /** Faults of a model that are shown. */
  private static final int MOST_FAULTS = 5;

  private static final double PERCENT = 100;

  private final PrintWriter out;
  private final String nameFormat;

  /** Prints to a stream, with a column that is wide enough for these models. */
  public PairTable(PrintWriter out, List<String> models) {
    this.out = out;
    this.nameFormat =
        "%-" + models.stream().mapToInt(String::length).reduce("model".length(), Math::max) + "s ";
  }

  /** Prints what is evaluated on, and the head of the table. */
  public void begin(String corpus, TokenSplit split) {
    line(
        "%s, %s split: targets written from their sources, always the likeliest token",
        corpus, split.name().toLowerCase(Locale.ROOT));
    line("");
    line(nameFormat + "%9s %9s %8s", "model", "pairs", "exact", "share");
    out.flush();
  }

  /** Prints a model's row. */
  public void row(String model, PairMatches matches) {
    line(
        nameFormat + "%9d %9d %7.2f%%",
        model,
        matches.pairs(),
        matches.exact(),
        PERCENT * matches.share());
    out.flush();
  }

  /** Prints the first faults of each model. */
  public void faults(Map<String, PairMatches> models) {
    models.forEach(
        (model, matches) -> {
          int faults = matches.faults().size();
          if (faults > 0) {
            line("");
            line("Faults of %s, %d of %d", model, Math.min(MOST_FAULTS, faults), faults);
          }
          matches.faults().stream().limit(MOST_FAULTS).forEach(this::fault);
        });
    out.flush();
  }

  private void fault(PairMatches.Fault fault) {
    line("  source   %s", VisibleText.of(fault.source()));
    line("  target   %s", VisibleText.of(fault.target()));
    line("  written  %s", VisibleText.of(fault.written()));
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
