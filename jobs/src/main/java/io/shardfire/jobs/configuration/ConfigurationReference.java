package io.shardfire.jobs.configuration;

import io.shardfire.worker.architecture.ModelConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The page that lists every setting, as Markdown. */
public final class ConfigurationReference {
  private static final Map<String, String> SECTIONS =
      new TreeMap<>(
          Map.of(
              "", "At the top",
              "prepare", "prepare: what becomes of the text",
              "model", "model: what is trained",
              "training", "training: how",
              "cluster", "cluster: how the ranks are placed and how they talk",
              "recovery", "recovery: what happens after a failure"));

  private ConfigurationReference() {}

  /** The page, with the defaults that hold where no preset is chosen. */
  public static String page() {
    ModelConfiguration standard = ModelPreset.standard().shape();
    StringBuilder page =
        new StringBuilder(
            """
            # Configuration

            Every setting of a configuration file, with its default. `--set section.key=value` overrides one, and \
            `shardfire config` prints
            the values that a job would run with and where each comes from. Which of them may change when a run is \
            resumed: [resuming.md](resuming.md).
            This page is made by `shardfire config --reference`.
            """);
    String section = null;
    for (Setting setting : known(RunConfiguration.defaults(standard))) {
      if (!setting.section().equals(section)) {
        section = setting.section();
        page.append("\n## ").append(SECTIONS.getOrDefault(section, section));
        page.append("\n\n| key | sets | unit | default | range |\n|---|---|---|---|---|\n");
      }
      append(page, setting);
    }
    return page.toString();
  }

  /** All settings of a configuration, and the preset, which shapes the model and is then gone. */
  static List<Setting> known(RunConfiguration configuration) {
    List<Setting> settings = new ArrayList<>(Setting.of(configuration));
    int first = 0;
    while (!settings.get(first).section().equals("model")) {
      first++;
    }
    settings.add(
        first,
        new Setting(RunConfigurationReader.PRESET_KEY, String.class, ModelPreset.keys().get(0)));
    return settings;
  }

  private static void append(StringBuilder page, Setting setting) {
    SettingDescription description = SettingDescription.of(setting);
    boolean preset = setting.key().equals(RunConfigurationReader.PRESET_KEY);
    String range = preset ? String.join(", ", ModelPreset.keys()) : description.range();
    page.append("| `")
        .append(setting.key())
        .append("` | ")
        .append(description.text().replace("|", "\\|"))
        .append(" | ")
        .append(description.unit())
        .append(" | `")
        .append(setting.text())
        .append("` | ")
        .append(range)
        .append(" |\n");
  }
}
