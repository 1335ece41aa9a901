package io.shardfire.jobs.output;

import io.shardfire.driver.monitor.TrainingHistory.Step;
import io.shardfire.jobs.output.LineChart.Point;
import io.shardfire.jobs.output.LineChart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Losses of runs as one picture: in training, and beside that on the validation split where any was
 * evaluated.
 */
public final class LossCurves {
  /** Means of so many equal parts: a curve through every step would be a band. */
  private static final int POINTS = 120;

  private static final int X_TICKS = 5;
  private static final int LEAST_TICK = 10;
  private static final String LOSS = "loss, nats per token";

  private final List<NamedRun> runs;
  private final List<NavigableMap<Long, Double>> places;
  private final long first;
  private final Unit unit;
  private final LossAxis axis;

  /** What one on the x-axis stands for. */
  private record Unit(double size, String name) {
    static Unit of(double last) {
      if (last >= LEAST_TICK * 1e6) {
        return new Unit(1e6, ", millions");
      }
      return last >= LEAST_TICK * 1e3 ? new Unit(1e3, ", thousands") : new Unit(1, "");
    }
  }

  private LossCurves(List<NamedRun> runs, LossAxis axis, long first) {
    this.runs = runs;
    this.axis = axis;
    this.first = first;
    this.places = runs.stream().map(run -> places(run, axis)).toList();
    this.unit =
        Unit.of(places.stream().mapToDouble(map -> map.lastEntry().getValue()).max().orElseThrow());
  }

  /**
   * An SVG document that needs nothing else.
   *
   * @param first the step at which curves begin; runs that have not come as far are left out
   */
  public static String of(List<NamedRun> runs, LossAxis axis, long first) {
    return new LossCurves(runs.stream().filter(run -> run.steps() > first).toList(), axis, first)
        .document();
  }

  private String document() {
    List<LineChart> charts = new ArrayList<>();
    charts.add(chart("Training", false, this::training));
    LineChart validation = chart("Validation", true, this::validation);
    if (!validation.series().isEmpty()) {
      charts.add(validation);
    }
    List<String> names = runs.stream().map(NamedRun::name).toList();
    return new ChartPage("Loss of " + String.join(", ", names), charts, names).svg();
  }

  private LineChart chart(String title, boolean dots, Function<Integer, List<Point>> points) {
    List<Series> series = new ArrayList<>();
    for (int run = 0; run < runs.size(); run++) {
      List<Point> its = points.apply(run);
      if (!its.isEmpty()) {
        series.add(new Series(run, dots, its));
      }
    }
    return new LineChart(title, axis.label() + unit.name(), LOSS, ticks(), false, 0, series);
  }

  /** Means of the steps, each in the middle of those it is of. */
  private List<Point> training(int run) {
    List<Step> steps =
        runs.get(run).history().steps().stream()
            .filter(step -> step.step() >= first && Double.isFinite(step.loss()))
            .toList();
    int parts = Math.min(POINTS, steps.size());
    List<Point> points = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      List<Step> some =
          steps.subList(part * steps.size() / parts, (part + 1) * steps.size() / parts);
      points.add(
          new Point(
              x(run, some.get(some.size() / 2).step()),
              some.stream().mapToDouble(Step::loss).average().orElseThrow()));
    }
    return points;
  }

  private List<Point> validation(int run) {
    return runs.get(run).history().evaluations().stream()
        .filter(evaluation -> evaluation.step() >= first && Double.isFinite(evaluation.loss()))
        .map(evaluation -> new Point(x(run, evaluation.step()), evaluation.loss()))
        .toList();
  }

  private double x(int run, long step) {
    var place = places.get(run).floorEntry(step);
    return place == null ? 0 : place.getValue() / unit.size();
  }

  /** Where the end of each step lies on the axis. */
  private static NavigableMap<Long, Double> places(NamedRun run, LossAxis axis) {
    NavigableMap<Long, Double> places = new TreeMap<>();
    double place = 0;
    for (Step step : run.history().steps()) {
      place = axis.after(place, step);
      places.put(step.step(), place);
    }
    return places;
  }

  private List<Integer> ticks() {
    double low = Double.MAX_VALUE;
    double high = 0;
    for (int run = 0; run < runs.size(); run++) {
      low = Math.min(low, x(run, first));
      high = Math.max(high, x(run, runs.get(run).steps()));
    }
    int distance = (int) Math.max(1, LineChart.roundStep((high - low) / X_TICKS));
    List<Integer> ticks = new ArrayList<>();
    int tick = (int) Math.floor(low / distance) * distance;
    ticks.add(tick);
    while (tick < high) {
      tick += distance;
      ticks.add(tick);
    }
    return ticks;
  }
}
