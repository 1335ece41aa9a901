package io.shardfire.jobs.configuration;

import io.shardfire.worker.resume.SettingText;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A key of a configuration file and its value.
 *
 * @param key the path from the top: {@code training.steps}
 * @param type of the value, or of the elements of a list or Optional
 * @param value as the record has it
 */
record Setting(String key, Class<?> type, Object value) {
  /** The settings of a record, sections opened, in the order of the components. */
  static List<Setting> of(Record record) {
    List<Setting> settings = new ArrayList<>();
    collect(settings, record, "");
    return settings;
  }

  private static void collect(List<Setting> settings, Record record, String prefix) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = ConfigurationText.value(component, record);
      String key = prefix + component.getName();
      if (value instanceof Record section) {
        collect(settings, section, key + ".");
      } else {
        settings.add(new Setting(key, elementType(component.getGenericType()), value));
      }
    }
  }

  private static Class<?> elementType(Type type) {
    return (Class<?>)
        (type instanceof ParameterizedType generic ? generic.getActualTypeArguments()[0] : type);
  }

  /** The section, or empty for a setting at the top. */
  String section() {
    int dot = key.indexOf('.');
    return dot < 0 ? "" : key.substring(0, dot);
  }

  /** The value as YAML, or what stands for an empty Optional. */
  String text() {
    if (value instanceof Optional<?> optional) {
      return optional.map(ConfigurationText::text).orElse("unset");
    }
    return ConfigurationText.text(value);
  }

  /** All values of an enumeration or a truth value; empty for other types. */
  Optional<String> choices() {
    if (type == boolean.class || type == Boolean.class) {
      return Optional.of("true, false");
    }
    return type.isEnum()
        ? Optional.of(
            Arrays.stream(type.getEnumConstants())
                .map(constant -> SettingText.name((Enum<?>) constant))
                .collect(Collectors.joining(", ")))
        : Optional.empty();
  }
}
