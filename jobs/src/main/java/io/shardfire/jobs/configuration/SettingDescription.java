package io.shardfire.jobs.configuration;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a setting means, in words; {@value #SOURCE} has them all.
 *
 * @param text a sentence or two
 * @param unit of a number; empty where it has none
 * @param range the values it may have; empty for any
 */
record SettingDescription(String text, String unit, String range) {
  /** The resource. */
  static final String SOURCE = "settings.properties";

  private static final String UNIT = ".unit";
  private static final String RANGE = ".range";
  private static final Properties ALL = load();

  /**
   * Of a key.
   *
   * @throws IllegalStateException when it has none, saying where to write it
   */
  static SettingDescription of(Setting setting) {
    String key = setting.key();
    String text = ALL.getProperty(key);
    if (text == null) {
      throw new IllegalStateException(
          "No description of a setting: key="
              + key
              + ". Write it in jobs/src/main/resources/io/shardfire/jobs/configuration/"
              + SOURCE
              + ": "
              + key
              + " = what it sets");
    }
    String range = setting.choices().orElseGet(() -> ALL.getProperty(key + RANGE, ""));
    return new SettingDescription(text, ALL.getProperty(key + UNIT, ""), range);
  }

  /** All keys that have a description. */
  static SortedSet<String> keys() {
    SortedSet<String> keys = new TreeSet<>(ALL.stringPropertyNames());
    keys.removeIf(key -> key.endsWith(UNIT) || key.endsWith(RANGE));
    return keys;
  }

  private static Properties load() {
    Properties properties = new Properties();
    try (InputStream in = SettingDescription.class.getResourceAsStream(SOURCE);
        Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }
}
