package io.shardfire.jobs.output;

import io.shardfire.jobs.configuration.EffectiveSetting;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Function;

/** Settings in columns: key, value, and who said so. */
public final class SettingTable {
  private static final String GAP = "  ";

  private final PrintWriter out;

  /** Prints to a stream. */
  public SettingTable(PrintWriter out) {
    this.out = out;
  }

  /** A line for each. */
  public void print(List<EffectiveSetting> settings) {
    print(settings, false);
  }

  /** As above, each with a line of what it means. */
  public void explain(List<EffectiveSetting> settings) {
    print(settings, true);
  }

  private void print(List<EffectiveSetting> settings, boolean described) {
    int keys = width(settings, EffectiveSetting::key);
    int values = width(settings, EffectiveSetting::value);
    for (EffectiveSetting setting : settings) {
      out.println(padded(setting.key(), keys) + padded(setting.value(), values) + setting.origin());
      if (described) {
        out.println(GAP + setting.description());
      }
    }
    out.flush();
  }

  private static int width(
      List<EffectiveSetting> settings, Function<EffectiveSetting, String> column) {
    return settings.stream().map(column).mapToInt(String::length).max().orElse(0);
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(width - text.length()) + GAP;
  }
}
