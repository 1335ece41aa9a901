package io.shardfire.driver.monitor;

import io.shardfire.worker.train.TrainingListener.StepReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One line about one step, as wide as the terminal allows. */
final class StepLine {
  private static final String SEPARATOR = "  ";

  /** A part of the line; parts of the highest rank go first when there is too little room. */
  private record Part(String text, int dispensable) {}

  private StepLine() {}

  /**
   * @param steps number of the last step
   * @param columns the line has fewer characters, unless the step and the loss alone need more
   */
  static String of(StepReport step, long steps, StepStatistics statistics, int columns) {
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("step " + padded(step.step(), steps) + "/" + steps, 0));
    parts.add(new Part("loss " + Figures.fixed(step.loss(), 4), 0));
    parts.add(new Part("smoothed " + Figures.fixed(statistics.loss(), 4), 3));
    parts.add(new Part("lr " + Figures.scientific(step.learningRate()), 4));
    parts.add(new Part("norm " + Figures.fixed(step.gradientNorm(), 2), 6));
    parts.add(new Part(Figures.count(statistics.tokensPerSecond()) + " tok/s", 2));
    parts.add(new Part("comm " + Math.round(100 * statistics.communicationShare()) + "%", 5));
    long data = Math.round(100 * statistics.dataShare());
    if (data > 0) {
      parts.add(new Part("data " + data + "%", 5));
    }
    parts.add(new Part(Figures.duration(statistics.timeFor(steps - step.step())) + " left", 1));
    while (length(parts) >= columns && parts.size() > 2) {
      parts.remove(parts.stream().max(Comparator.comparingInt(Part::dispensable)).orElseThrow());
    }
    return String.join(SEPARATOR, parts.stream().map(Part::text).toList());
  }

  /** The line about a step that has updated nothing. */
  static String skipped(StepReport step, long steps) {
    return "step "
        + padded(step.step(), steps)
        + "/"
        + steps
        + SEPARATOR
        + "skipped: gradients overflowed in fp16, loss scale "
        + Figures.fixed(step.lossScale().scale(), 0);
  }

  private static int length(List<Part> parts) {
    return parts.stream().mapToInt(part -> part.text().length() + SEPARATOR.length()).sum()
        - SEPARATOR.length();
  }

  private static String padded(long value, long largest) {
    String digits = Long.toString(value);
    return " ".repeat(Math.max(0, Long.toString(largest).length() - digits.length())) + digits;
  }
}
