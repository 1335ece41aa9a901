package io.shardfire.jobs.output;

import io.shardfire.worker.inspect.Losses;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * How models were evaluated as one picture: the loss by context, where there are several, beside
 * the loss by position in the longest window.
 */
public final class EvaluationPlot {
  private static final String LOSS = "loss, nats per token";

  private final List<EvaluationRow> rows;
  private final List<String> models;

  private EvaluationPlot(List<EvaluationRow> rows) {
    this.rows = rows;
    this.models = rows.stream().map(EvaluationRow::model).distinct().toList();
  }

  /** An SVG document that needs nothing else. */
  public static String of(List<EvaluationRow> rows) {
    return new EvaluationPlot(rows).document();
  }

  private String document() {
    List<LineChart> charts = new ArrayList<>();
    TreeSet<Integer> contexts = new TreeSet<>();
    measured().forEach(row -> contexts.add(row.context()));
    if (contexts.size() > 1) {
      charts.add(byContext(List.copyOf(contexts)));
    }
    charts.add(byPosition(contexts.last()));
    return new ChartPage(
            "Loss of " + String.join(", ", models),
            charts,
            models.stream().map(this::legend).toList())
        .svg();
  }

  private List<EvaluationRow> measured() {
    return rows.stream().filter(row -> row.losses().isPresent()).toList();
  }

  private LineChart byContext(List<Integer> contexts) {
    List<LineChart.Series> series = new ArrayList<>();
    for (String model : models) {
      List<LineChart.Point> points =
          measured().stream()
              .filter(row -> row.model().equals(model))
              .map(row -> new LineChart.Point(row.context(), row.losses().orElseThrow().mean()))
              .toList();
      series.add(new LineChart.Series(models.indexOf(model), true, points));
    }
    return new LineChart(
        "Loss by context", "context, tokens", LOSS, contexts, true, inside(contexts), series);
  }

  private LineChart byPosition(int longest) {
    List<LineChart.Series> series = new ArrayList<>();
    for (String model : models) {
      measured().stream()
          .filter(row -> row.model().equals(model))
          .reduce((shorter, longer) -> longer)
          .ifPresent(
              row ->
                  series.add(new LineChart.Series(models.indexOf(model), false, positions(row))));
    }
    int step = Math.max(1, longest / 4);
    List<Integer> ticks = IntStream.rangeClosed(0, longest / step).mapToObj(i -> i * step).toList();
    return new LineChart(
        "Loss by position in the longest window",
        "position in the window, tokens",
        LOSS,
        ticks,
        false,
        inside(List.of(0, longest)),
        series);
  }

  private static List<LineChart.Point> positions(EvaluationRow row) {
    Losses losses = row.losses().orElseThrow();
    return PositionRange.fine(row.trained(), row.context()).stream()
        .map(range -> new LineChart.Point((range.from() + range.to()) / 2.0, range.mean(losses)))
        .toList();
  }

  /** The context that all were trained at, if it lies between these; else 0. */
  private int inside(List<Integer> contexts) {
    List<Integer> trained = rows.stream().map(EvaluationRow::trained).distinct().toList();
    return trained.size() == 1
            && trained.get(0) > contexts.get(0)
            && trained.get(0) < contexts.get(contexts.size() - 1)
        ? trained.get(0)
        : 0;
  }

  private String legend(String model) {
    List<EvaluationRow> its = rows.stream().filter(row -> row.model().equals(model)).toList();
    String refusal =
        its.stream()
            .filter(row -> row.losses().isEmpty())
            .map(row -> "; " + row.refusal())
            .findFirst()
            .orElse("");
    return String.format(
        Locale.ROOT,
        "%s (%s, trained at %d%s)",
        model,
        its.get(0).positions(),
        its.get(0).trained(),
        refusal);
  }
}
