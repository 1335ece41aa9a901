package io.shardfire.jobs.configuration;

import io.shardfire.worker.resume.SettingText;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes records as the YAML that reads back to equal records. */
final class ConfigurationText {
  private static final int SMALLEST_PLAIN_SCALE = 6;

  private ConfigurationText() {}

  /** The YAML of a record; components that are an empty Optional are left out. */
  static String yaml(Record record) {
    StringBuilder out = new StringBuilder();
    append(out, record, "");
    return out.toString();
  }

  /** Every path of a record, sections included. */
  static SortedSet<String> paths(Record record) {
    SortedSet<String> paths = new TreeSet<>();
    collect(paths, record, "");
    return paths;
  }

  private static void collect(SortedSet<String> paths, Record record, String prefix) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      paths.add(prefix + component.getName());
      if (value(component, record) instanceof Record inner) {
        collect(paths, inner, prefix + component.getName() + ".");
      }
    }
  }

  private static void append(StringBuilder out, Record record, String indentation) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = value(component, record);
      if (value instanceof Optional<?> optional) {
        if (optional.isEmpty()) {
          continue;
        }
        value = optional.get();
      }
      out.append(indentation).append(component.getName()).append(':');
      if (value instanceof Record inner) {
        out.append('\n');
        append(out, inner, indentation + "  ");
      } else {
        out.append(' ').append(text(value)).append('\n');
      }
    }
  }

  /** A value on one line. */
  static String text(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(ConfigurationText::text).collect(Collectors.joining(", ", "[", "]"));
    }
    if (value instanceof Map<?, ?> map) {
      return braced(
          map.entrySet().stream()
              .map(entry -> quoted(entry.getKey().toString()) + ": " + text(entry.getValue())));
    }
    if (value instanceof Record record) {
      return braced(
          Arrays.stream(record.getClass().getRecordComponents())
              .filter(component -> !says(value(component, record)).isEmpty())
              .map(component -> component.getName() + ": " + says(value(component, record)).get()));
    }
    if (value instanceof Enum<?> constant) {
      return SettingText.name(constant);
    }
    if (value instanceof Float || value instanceof Double) {
      return number(value.toString());
    }
    return value instanceof String string ? quoted(string) : value.toString();
  }

  private static String braced(Stream<String> members) {
    return members.collect(Collectors.joining(", ", "{", "}"));
  }

  /** The value of a component that says something. */
  private static Optional<String> says(Object value) {
    boolean nothing =
        (value instanceof Optional<?> optional && optional.isEmpty())
            || (value instanceof List<?> list && list.isEmpty())
            || (value instanceof Map<?, ?> map && map.isEmpty());
    return nothing
        ? Optional.empty()
        : Optional.of(text(value instanceof Optional<?> given ? given.get() : value));
  }

  /** Shortest digits that read back to the same number: 0.0006, 1e-8, 1. */
  private static String number(String javaText) {
    BigDecimal decimal = new BigDecimal(javaText).stripTrailingZeros();
    if (decimal.scale() <= SMALLEST_PLAIN_SCALE && decimal.precision() - decimal.scale() < 16) {
      return decimal.toPlainString();
    }
    int exponent = decimal.precision() - decimal.scale() - 1;
    String digits = decimal.movePointLeft(exponent).stripTrailingZeros().toPlainString();
    return digits + "e" + exponent;
  }

  /** Plain where YAML takes it for a string, else in double quotes. */
  private static String quoted(String text) {
    if (text.matches("[A-Za-z/]([A-Za-z0-9_./:+=-]*[A-Za-z0-9_./-])?")
        && !text.matches("(?i)true|false|null|yes|no|on|off|y|n")) {
      return text;
    }
    StringBuilder out = new StringBuilder("\"");
    text.chars()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
              } else if (c < ' ') {
                out.append(String.format(Locale.ROOT, "\\x%02x", c));
              } else {
                out.append((char) c);
              }
            });
    return out.append('"').toString();
  }

  /** The value of a component. */
  static Object value(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot read " + component, e);
    }
  }
}
