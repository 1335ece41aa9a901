package io.shardfire.jobs.output;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Lines over labelled axes, as SVG on a light background. The corner of the plot area, {@link
 * #WIDTH} by {@link #HEIGHT}, is at (0, 0); labels lie around it.
 *
 * @param xTicks where the x-axis is labelled, ascending; lines lie between the first and the last
 * @param logarithmic whether equal factors of x are equally wide
 * @param mark an x that a dashed line marks; 0 for none
 */
record LineChart(
    String title,
    String xLabel,
    String yLabel,
    List<Integer> xTicks,
    boolean logarithmic,
    int mark,
    List<Series> series) {
  static final int WIDTH = 380;
  static final int HEIGHT = 280;

  private static final int Y_TICKS = 6;
  private static final double PADDING = 0.05;
  private static final int TEXT = 16;
  private static final int LABEL_DISTANCE = 44;

  /** Told apart by people who see colours differently, too (Okabe and Ito, 2008). */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000");

  private static final List<String> DASHES = List.of("none", "7 3", "2 3");

  /** A point of a line. */
  record Point(double x, double y) {}

  /**
   * A line.
   *
   * @param style its number: colour, then dashes
   * @param dots whether its points are shown
   */
  record Series(int style, boolean dots, List<Point> points) {}

  /** How a line of a style is drawn, as attributes. */
  static String stroke(int style) {
    return String.format(
        Locale.ROOT,
        "stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" fill=\"none\"",
        colour(style),
        DASHES.get(style / COLOURS.size() % DASHES.size()));
  }

  static String colour(int style) {
    return COLOURS.get(style % COLOURS.size());
  }

  /** Text as XML. */
  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  /** 1, 2 or 5 times a power of ten, at least that much: the distance of labels. */
  static double roundStep(double step) {
    double power = StrictMath.pow(10, Math.floor(StrictMath.log10(step)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * power >= step) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** The elements. */
  String svg() {
    Scale y = Scale.of(series);
    List<String> elements = new ArrayList<>();
    elements.add(text(WIDTH / 2.0, -TEXT, "middle", "font-weight=\"bold\"", title));
    for (double tick : y.ticks()) {
      double at = y.at(tick);
      elements.add(line(0, at, WIDTH, at, "stroke=\"#e0e0e0\""));
      elements.add(text(-8, at + 4, "end", "", y.label(tick)));
    }
    for (int tick : xTicks) {
      elements.add(line(x(tick), HEIGHT, x(tick), HEIGHT + 5, "stroke=\"#333\""));
      elements.add(text(x(tick), HEIGHT + 20, "middle", "", String.valueOf(tick)));
    }
    if (mark > 0) {
      elements.add(line(x(mark), 0, x(mark), HEIGHT, "stroke=\"#777\" stroke-dasharray=\"4 4\""));
      elements.add(
          text(
              x(mark) + 5,
              HEIGHT - 8.0,
              "start",
              "fill=\"#555\" stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\"",
              "trained context"));
    }
    elements.add(
        String.format(
            Locale.ROOT,
            "<rect width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#333\"/>",
            WIDTH,
            HEIGHT));
    elements.add(text(WIDTH / 2.0, HEIGHT + LABEL_DISTANCE, "middle", "", xLabel));
    elements.add(
        text(-HEIGHT / 2.0, -LABEL_DISTANCE - 4.0, "middle", "transform=\"rotate(-90)\"", yLabel));
    series.forEach(line -> draw(line, y, elements));
    return String.join("\n", elements) + "\n";
  }

  private void draw(Series line, Scale y, List<String> elements) {
    elements.add(
        String.format(
            Locale.ROOT,
            "<polyline points=\"%s\" %s/>",
            line.points().stream()
                .map(point -> coordinate(x(point.x())) + "," + coordinate(y.at(point.y())))
                .collect(Collectors.joining(" ")),
            stroke(line.style())));
    if (line.dots()) {
      for (Point point : line.points()) {
        elements.add(
            String.format(
                Locale.ROOT,
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>",
                x(point.x()),
                y.at(point.y()),
                colour(line.style())));
      }
    }
  }

  private double x(double value) {
    double first = position(xTicks.get(0));
    double last = position(xTicks.get(xTicks.size() - 1));
    return WIDTH * (position(value) - first) / (last - first);
  }

  private double position(double value) {
    return logarithmic ? StrictMath.log(value) : value;
  }

  private static String coordinate(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String line(double x1, double y1, double x2, double y2, String style) {
    return String.format(
        Locale.ROOT,
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>",
        x1,
        y1,
        x2,
        y2,
        style);
  }

  static String text(double x, double y, String anchor, String style, String text) {
    return String.format(
        Locale.ROOT,
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>",
        x,
        y,
        anchor,
        style,
        escaped(text));
  }

  /** The y-axis: round numbers around what is drawn. */
  private record Scale(double low, double high, double step) {
    static Scale of(List<Series> series) {
      DoubleSummaryStatistics range =
          series.stream()
              .flatMap(line -> line.points().stream())
              .mapToDouble(Point::y)
              .summaryStatistics();
      double span = Math.max(range.getMax() - range.getMin(), 1e-3);
      return new Scale(
          range.getMin() - PADDING * span,
          range.getMax() + PADDING * span,
          roundStep(span / Y_TICKS));
    }

    List<Double> ticks() {
      List<Double> ticks = new ArrayList<>();
      for (double number = Math.ceil(low / step); number * step <= high; number++) {
        ticks.add(number * step);
      }
      return ticks;
    }

    String label(double tick) {
      int digits = Math.max(0, (int) -Math.floor(StrictMath.log10(step)));
      return String.format(Locale.ROOT, "%." + digits + "f", tick);
    }

    double at(double value) {
      return HEIGHT * (high - value) / (high - low);
    }
  }
}
