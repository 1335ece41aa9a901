package io.shardfire.jobs.output;

import java.util.List;
import java.util.Locale;

/**
 * Charts side by side over a legend, as one SVG document that needs nothing else.
 *
 * @param legend a line for each style of the charts' lines, in their order
 */
record ChartPage(String title, List<LineChart> charts, List<String> legend) {
  private static final int LEFT = 80;
  private static final int TOP = 50;
  private static final int BETWEEN = 90;
  private static final int BELOW = 70;
  private static final int LEGEND_LINE = 22;

  /** The document. */
  String svg() {
    int width = LEFT + charts.size() * (LineChart.WIDTH + BETWEEN) - BETWEEN + 30;
    int legendTop = TOP + LineChart.HEIGHT + BELOW;
    int height = legendTop + legend.size() * LEGEND_LINE + 10;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d"
                + " %d\" role=\"img\" font-family=\"sans-serif\" font-size=\"13\">\n"
                + "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            width,
            height,
            width,
            height,
            LineChart.escaped(title)));
    for (int i = 0; i < charts.size(); i++) {
      int left = LEFT + i * (LineChart.WIDTH + BETWEEN);
      svg.append(group(left, TOP, charts.get(i).svg()));
    }
    return svg.append(group(LEFT, legendTop, legendLines())).append("</svg>\n").toString();
  }

  private String legendLines() {
    StringBuilder svg = new StringBuilder();
    for (int i = 0; i < legend.size(); i++) {
      int y = i * LEGEND_LINE;
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"0\" y1=\"%d\" x2=\"34\" y2=\"%d\" %s/>\n",
              y,
              y,
              LineChart.stroke(i)));
      svg.append(LineChart.text(44, y + 4.0, "start", "", legend.get(i))).append('\n');
    }
    return svg.toString();
  }

  private static String group(int x, int y, String content) {
    return String.format(
        Locale.ROOT, "<g transform=\"translate(%d,%d)\">\n%s</g>\n", x, y, content);
  }
}
