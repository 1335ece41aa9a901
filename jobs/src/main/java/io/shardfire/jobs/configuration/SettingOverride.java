package io.shardfire.jobs.configuration;

import io.shardfire.jobs.configuration.Node.Scalar;
import io.shardfire.jobs.configuration.Node.Section;
import io.shardfire.jobs.configuration.Node.Sequence;
import java.util.List;

/**
 * One {@code --set path=value}.
 *
 * @param path the keys from the top, such as model, layers
 * @param value as YAML reads it
 */
record SettingOverride(List<String> path, Node value) {
  /** Copies. */
  SettingOverride {
    path = List.copyOf(path);
  }

  /** Reads {@code model.layers=6}. */
  static SettingOverride parse(String text) {
    int equals = text.indexOf('=');
    String path = equals < 0 ? text : text.substring(0, equals);
    List<String> keys = List.of(path.strip().split("\\.", -1));
    if (equals < 0 || keys.stream().anyMatch(String::isBlank)) {
      throw new ConfigurationException(
          "Settings are given as section.key=value, such as model.layers=6: " + text);
    }
    return new SettingOverride(
        keys, YamlReader.readValue("--set " + text, text.substring(equals + 1)));
  }

  /** The value of an option that stands for a path: text, or a list of texts, taken literally. */
  static SettingOverride of(String path, Object value) {
    Location location = new Location("on the command line", 0);
    Node node =
        value instanceof List<?> list
            ? new Sequence(
                list.stream().<Node>map(item -> new Scalar(item.toString(), location)).toList(),
                location)
            : new Scalar(value.toString(), location);
    return new SettingOverride(List.of(path.split("\\.")), node);
  }

  /** The settings with this one put in. */
  Section apply(Section settings) {
    return settings.with(path, value);
  }
}
