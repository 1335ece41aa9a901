package io.shardfire.jobs.configuration;

import java.util.List;

/**
 * A setting that a job would run with.
 *
 * @param key the path from the top: {@code training.steps}
 * @param value as YAML
 * @param origin who said so: {@code default}, {@code preset gpt2}, {@code run.yaml:12}, {@code
 *     --set training.steps=5}
 * @param description what it means
 */
public record EffectiveSetting(String key, String value, String origin, String description) {
  /**
   * Those of some keys or sections, in the order of {@code settings}.
   *
   * @throws ConfigurationException naming a key of none, and the one that was probably meant
   */
  public static List<EffectiveSetting> under(List<String> keys, List<EffectiveSetting> settings) {
    for (String key : keys) {
      if (settings.stream().noneMatch(setting -> setting.isUnder(key))) {
        String remedy =
            NearestKey.of(key, settings.stream().map(EffectiveSetting::key).toList())
                .map(nearest -> "did you mean " + nearest + "?")
                .orElse("'shardfire config' lists all keys");
        throw new ConfigurationException("Unknown key " + key + "; " + remedy);
      }
    }
    return settings.stream().filter(setting -> keys.stream().anyMatch(setting::isUnder)).toList();
  }

  private boolean isUnder(String keyOrSection) {
    return key.equals(keyOrSection) || key.startsWith(keyOrSection + ".");
  }

  static EffectiveSetting of(Setting setting, String origin) {
    SettingDescription description = SettingDescription.of(setting);
    String unit = description.unit().isEmpty() ? "" : " Unit: " + description.unit() + ".";
    String range = description.range().isEmpty() ? "" : " Values: " + description.range() + ".";
    return new EffectiveSetting(
        setting.key(), setting.text(), origin, description.text() + unit + range);
  }
}
