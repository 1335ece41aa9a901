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
            "%-26s %-28s %8s %8s  %-7s %9s %9s %8s %11s",
            "operation",
            "shape",
            "best",
            "median",
            "unit",
            "ms",
            "floor ms",
            "x floor",
            "of ceiling"));
  }

  @Override
  public void accept(Measurement measured) {
    out.println(
        String.format(
            Locale.ROOT,
            "%-26s %-28s %8.1f %8.1f  %-7s %9.3f %9.3f %8.2f %10.0f%%",
            measured.operation(),
            measured.shape(),
            measured.bestRate(),
            measured.medianRate(),
            measured.unit() + "/s",
            measured.bestSeconds() * MILLIS,
            measured.floorSeconds() * MILLIS,
            measured.bestSeconds() / measured.floorSeconds(),
            measured.shareOfCeiling() * PERCENT));
    out.flush();
  }
}
