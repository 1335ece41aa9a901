package io.shardfire.jobs.output;

import io.shardfire.sharding.checkpoint.CheckpointSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.SliceSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.TensorSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.ValueSummary;
import io.shardfire.sharding.checkpoint.Manifest;
import io.shardfire.worker.architecture.ConfigurationFile;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints what a checkpoint holds as tables. */
public final class SummaryText {
  private final PrintWriter out;

  /** Prints to a stream. */
  public SummaryText(PrintWriter out) {
    this.out = out;
  }

  /** Prints everything: overview, files, tensors, optimizer slices, documents, damage. */
  public void print(CheckpointSummary summary) {
    overview(summary);
    files(summary.files());
    tensors(summary.tensors());
    slices(summary.slices());
    summary.documents().forEach(this::document);
    damage(summary.damage());
    out.flush();
  }

  /** Prints everything: overview, tensors, configuration, problems. */
  public void print(ModelSummary summary) {
    line("%-12s %s", "model", summary.folder());
    if (!summary.architecture().isEmpty()) {
      line("%-12s %s", "architecture", summary.architecture());
    }
    line("%-12s %,d", "parameters", summary.parameters());
    tensors(summary.tensors());
    document(ConfigurationFile.NAME, summary.configuration());
    if (summary.problems().isEmpty()) {
      line("%nThe tensors are those of config.json.");
    } else {
      line("%nNOT USABLE");
      summary.problems().forEach(problem -> line("  %s", problem));
    }
    out.flush();
  }

  private void overview(CheckpointSummary summary) {
    line("%-11s %s", "checkpoint", summary.folder());
    line("%-11s %,d", "step", summary.step());
    if (!summary.committedSteps().isEmpty()) {
      line(
          "%-11s %s",
          "run's steps",
          summary.committedSteps().stream().map(String::valueOf).collect(Collectors.joining(", ")));
    }
    line("%-11s %,d", "parameters", summary.parameters());
    line("%-11s %,d in %d files", "bytes", summary.bytes(), summary.files().size());
  }

  private void files(List<Manifest.Entry> files) {
    int width = width(files.stream().map(Manifest.Entry::name).toList(), "file");
    line("%n%-" + width + "s %15s  %s", "file", "bytes", "SHA-256");
    for (Manifest.Entry file : files) {
      line("%-" + width + "s %,15d  %s", file.name(), file.bytes(), file.sha256());
    }
  }

  private void tensors(List<TensorSummary> tensors) {
    int width = width(tensors.stream().map(TensorSummary::name).toList(), "tensor");
    String head = "%n%-" + width + "s %-5s %-16s %12s %12s  %s";
    String row = "%-" + width + "s %-5s %-16s %12.5g %12.5g  %s%s";
    line(head, "tensor", "type", "shape", "norm", "largest", "file");
    for (TensorSummary tensor : tensors) {
      ValueSummary values = tensor.values();
      String shape =
          tensor.shape().stream().map(String::valueOf).collect(Collectors.joining(" x "));
      line(
          row,
          tensor.name(),
          tensor.dtype(),
          shape,
          values.l2Norm(),
          values.maxAbs(),
          tensor.file(),
          nonFinite(values));
    }
  }

  private void slices(List<SliceSummary> slices) {
    if (slices.isEmpty()) {
      return;
    }
    int width = width(slices.stream().map(SliceSummary::unit).toList(), "unit");
    String head = "%n%-" + width + "s %-10s %25s %12s %12s  %s";
    String row = "%-" + width + "s %-10s %25s %12.5g %12.5g  %s%s";
    line(head, "unit", "moment", "range", "norm", "largest", "file");
    for (SliceSummary slice : slices) {
      ValueSummary values = slice.values();
      line(
          row,
          slice.unit(),
          slice.moment(),
          slice.begin() + " to " + slice.end(),
          values.l2Norm(),
          values.maxAbs(),
          slice.file(),
          nonFinite(values));
    }
  }

  private void document(String name, String text) {
    line("%n%s", name);
    out.println(text.strip().indent(2).stripTrailing());
  }

  private void damage(List<String> damage) {
    if (damage.isEmpty()) {
      line("%nEvery file has the size and the hash of the manifest.");
      return;
    }
    line("%nDAMAGED");
    damage.forEach(problem -> line("  %s", problem));
  }

  private static String nonFinite(ValueSummary values) {
    return values.nonFinite() == 0
        ? ""
        : String.format(Locale.ROOT, "  %,d not finite!", values.nonFinite());
  }

  private static int width(List<String> names, String title) {
    return names.stream().mapToInt(String::length).reduce(title.length(), Math::max);
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
