package io.shardfire.jobs.output;

import io.shardfire.driver.monitor.Figures;
import io.shardfire.driver.monitor.TrainingHistory.Evaluation;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Prints how far runs came, a row each. */
public final class RunTable {
  private static final int LEAST_WIDTH = 5;
  private static final int DIGITS = 4;

  private final PrintWriter out;

  /** A table on this. */
  public RunTable(PrintWriter out) {
    this.out = out;
  }

  /** Prints it. */
  public void print(List<NamedRun> runs) {
    int width =
        Math.max(LEAST_WIDTH, runs.stream().mapToInt(r -> r.name().length()).max().orElse(0));
    row(width, "run", "steps", "tokens", "loss", "validation", "at step", "tok/s");
    for (NamedRun run : runs) {
      Evaluation best = run.best();
      row(
          width,
          run.name(),
          String.valueOf(run.steps()),
          Figures.count(run.tokens()),
          Figures.fixed(run.lastLoss(), DIGITS),
          best == null ? "-" : Figures.fixed(best.loss(), DIGITS),
          best == null ? "-" : String.valueOf(best.step()),
          Figures.count(run.tokensPerSecond()));
    }
    out.flush();
  }

  private void row(int width, String name, Object... cells) {
    out.println(
        String.format(Locale.ROOT, "%-" + width + "s", name)
            + String.format(Locale.ROOT, " %9s %7s %8s %10s %9s %7s", cells));
  }
}
