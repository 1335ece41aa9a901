package io.shardfire.jobs.output;

import io.shardfire.kernels.bench.Measurement;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;

/** Prints measurements of kernels as rows of a table, each as soon as it is there. */
public final class MeasurementTable implements Consumer<Measurement> {
  private static final double MILLIS = 1e3;
  private static final double PERCENT = 100;

  private final PrintWriter out;

  /** Prints the head of the table. */
  public MeasurementTable(PrintWriter out) {
    this.out = out;
    out.println(
        String.format(
            Locale.ROOT,
            "%-20s %-28s %10s %10s  %-7s %10s %11s",
            "operation",
            "shape",
            "best",
            "median",
            "unit",
            "ms",
            "of ceiling"));
  }

  @Override
  public void accept(Measurement measured) {
    out.println(
        String.format(
            Locale.ROOT,
            "%-20s %-28s %10.1f %10.1f  %-7s %10.3f %10.0f%%",
            measured.operation(),
            measured.shape(),
            measured.bestRate(),
            measured.medianRate(),
            measured.unit() + "/s",
            measured.bestSeconds() * MILLIS,
            measured.shareOfCeiling() * PERCENT));
    out.flush();
  }
}
