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
  private static final int LEFT = 80;
  private static final int TOP = 50;
  private static final int BETWEEN = 90;
  private static final int BELOW = 70;
  private static final int LEGEND_LINE = 22;
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
    int width = LEFT + charts.size() * (LineChart.WIDTH + BETWEEN) - BETWEEN + 30;
    int legendTop = TOP + LineChart.HEIGHT + BELOW;
    int height = legendTop + models.size() * LEGEND_LINE + 10;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d"
                + " %d\" role=\"img\" font-family=\"sans-serif\" font-size=\"13\">\n"
                + "<title>Loss of %s</title>\n<rect width=\"100%%\" height=\"100%%\""
                + " fill=\"#fff\"/>\n",
            width,
            height,
            width,
            height,
            LineChart.escaped(String.join(", ", models))));
    for (int i = 0; i < charts.size(); i++) {
      int left = LEFT + i * (LineChart.WIDTH + BETWEEN);
      svg.append(group(left, TOP, charts.get(i).svg()));
    }
    return svg.append(group(LEFT, legendTop, legend())).append("</svg>\n").toString();
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

  private String legend() {
    StringBuilder svg = new StringBuilder();
    for (int i = 0; i < models.size(); i++) {
      String model = models.get(i);
      List<EvaluationRow> its = rows.stream().filter(row -> row.model().equals(model)).toList();
      int y = i * LEGEND_LINE;
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"0\" y1=\"%d\" x2=\"34\" y2=\"%d\" %s/>\n",
              y,
              y,
              LineChart.stroke(i)));
      String refusal =
          its.stream()
              .filter(row -> row.losses().isEmpty())
              .map(row -> "; " + row.refusal())
              .findFirst()
              .orElse("");
      String text =
          String.format(
              Locale.ROOT,
              "%s (%s, trained at %d%s)",
              model,
              its.get(0).positions(),
              its.get(0).trained(),
              refusal);
      svg.append(LineChart.text(44, y + 4.0, "start", "", text)).append('\n');
    }
    return svg.toString();
  }

  private static String group(int x, int y, String content) {
    return String.format(
        Locale.ROOT, "<g transform=\"translate(%d,%d)\">\n%s</g>\n", x, y, content);
  }
}
