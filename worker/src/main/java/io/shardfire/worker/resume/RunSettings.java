package io.shardfire.worker.resume;

import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * The values of the settings that are recorded in a checkpoint, as they take effect, by key and in
 * the order of {@link SettingClasses}. Some may be missing, where they are not known.
 *
 * @param values each a Long, a Float or a String
 */
public record RunSettings(Map<String, Object> values) {
  /**
   * Copies, in the order of the table.
   *
   * @throws IllegalArgumentException for keys that are not recorded
   */
  public RunSettings {
    Map<String, Object> ordered = new LinkedHashMap<>();
    for (String key : SettingClasses.recorded()) {
      if (values.containsKey(key)) {
        ordered.put(key, value(values.get(key)));
      }
    }
    if (ordered.size() != values.size()) {
      TreeSet<String> others = new TreeSet<>(values.keySet());
      others.removeAll(ordered.keySet());
      throw new IllegalArgumentException("Not settings that are recorded: keys=" + others);
    }
    values = Collections.unmodifiableMap(ordered);
  }

  private static Object value(Object value) {
    if (value instanceof Integer number) {
      return number.longValue();
    }
    if (value instanceof Float number) {
      // Minus zero computes what zero does.
      return number + 0f;
    }
    if (value instanceof Boolean) {
      return value.toString();
    }
    if (value instanceof Enum<?> constant) {
      return SettingText.name(constant);
    }
    if (value instanceof Long || value instanceof String) {
      return value;
    }
    throw new IllegalArgumentException("A setting is a number or a text: value=" + value);
  }

  /**
   * What is recorded of a section of the configuration, by key; to be put together with others'.
   *
   * @throws IllegalArgumentException when a component has no class in the table
   */
  public static Map<String, Object> recorded(String section, Record configuration) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (RecordComponent component : configuration.getClass().getRecordComponents()) {
      String key = section + "." + component.getName();
      if (SettingClasses.of(key) != SettingClass.FREE) {
        values.put(key, read(component, configuration));
      }
    }
    return values;
  }

  private static Object read(RecordComponent component, Record configuration) {
    try {
      return component.getAccessor().invoke(configuration);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot read " + component, e);
    }
  }

  /** A value that is a whole number. */
  public long whole(String key) {
    return (Long) values.get(key);
  }
}
