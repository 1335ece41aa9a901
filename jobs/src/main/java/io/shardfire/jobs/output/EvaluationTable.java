package io.shardfire.jobs.output;

import io.shardfire.worker.inspect.EvaluationText;
import io.shardfire.worker.inspect.Losses;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Prints how models were evaluated, each row as soon as it is there. */
public final class EvaluationTable implements Consumer<EvaluationRow> {
  private static final double PERCENT = 100;
  private static final int POSITION_WIDTH = 10;

  private final PrintWriter out;
  private final int nameWidth;

  /** Prints to a stream, with a column that is wide enough for these models. */
  public EvaluationTable(PrintWriter out, List<String> models) {
    this.out = out;
    this.nameWidth = models.stream().mapToInt(String::length).reduce("model".length(), Math::max);
  }

  /** Prints what is evaluated on, and the head of the table. */
  public void begin(String corpus, EvaluationText text) {
    line(
        "%s, %s split: %,d of %,d tokens",
        corpus,
        text.split().name().toLowerCase(Locale.ROOT),
        text.tokens(),
        text.data().tokens(text.split()));
    line("");
    line(
        "%s  %-10s %7s %7s %9s %11s %9s %8s",
        name("model"),
        "positions",
        "trained",
        "context",
        "loss",
        "perplexity",
        "bits/byte",
        "accuracy");
    out.flush();
  }

  @Override
  public void accept(EvaluationRow row) {
    String start =
        String.format(
            Locale.ROOT,
            "%s  %-10s %7d %7d ",
            name(row.model()),
            row.positions(),
            row.trained(),
            row.context());
    out.println(
        start + row.losses().map(EvaluationTable::numbers).orElseGet(() -> "  " + row.refusal()));
    out.flush();
  }

  private static String numbers(Losses losses) {
    return String.format(
        Locale.ROOT,
        "%9.4f %11.3f %9s %7.2f%%",
        losses.mean(),
        losses.perplexity(),
        losses.bitsPerByte().isPresent()
            ? String.format(Locale.ROOT, "%.4f", losses.bitsPerByte().getAsDouble())
            : "-",
        PERCENT * losses.accuracy());
  }

  /** Prints losses by the position in the window. */
  public void finish(List<EvaluationRow> rows) {
    line("%nLoss by position in the window");
    List<PositionRange> head = List.of();
    for (EvaluationRow row : rows) {
      if (row.losses().isEmpty()) {
        continue;
      }
      List<PositionRange> ranges = PositionRange.doubling(row.trained(), longest(rows, row));
      if (!ranges.equals(head)) {
        head = ranges;
        line("%s  %7s %s", name("model"), "context", cells(ranges, PositionRange::toString));
      }
      Losses losses = row.losses().orElseThrow();
      line(
          "%s  %7d %s",
          name(row.model()),
          row.context(),
          cells(
              PositionRange.doubling(row.trained(), row.context()),
              range -> String.format(Locale.ROOT, "%.4f", range.mean(losses))));
    }
    out.flush();
  }

  /** The longest context at which the row's model was evaluated. */
  private static int longest(List<EvaluationRow> rows, EvaluationRow row) {
    return rows.stream()
        .filter(other -> other.model().equals(row.model()) && other.losses().isPresent())
        .mapToInt(EvaluationRow::context)
        .max()
        .orElseThrow();
  }

  private static String cells(List<PositionRange> ranges, Function<PositionRange, String> cell) {
    return ranges.stream()
        .map(range -> String.format(Locale.ROOT, "%" + POSITION_WIDTH + "s", cell.apply(range)))
        .collect(Collectors.joining());
  }

  private String name(String text) {
    return String.format(Locale.ROOT, "%-" + nameWidth + "s", text);
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
