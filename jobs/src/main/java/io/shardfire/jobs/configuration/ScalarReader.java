package io.shardfire.jobs.configuration;

import io.shardfire.jobs.configuration.Node.Scalar;
import io.shardfire.worker.resume.SettingText;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Reads text as the type that a key wants. */
final class ScalarReader {
  private ScalarReader() {}

  /** Converts, or says what was expected, at which key and where. */
  static Object read(Class<?> type, String path, Scalar scalar) {
    String text = scalar.text().strip();
    if (text.isEmpty() && type != String.class) {
      throw new ConfigurationException(path + " has no value" + scalar.location().suffix());
    }
    if (EnvironmentPlaceholder.in(text)) {
      throw new ConfigurationException(
          path
              + " is no secret, and only secrets are taken from the environment: "
              + path
              + "="
              + text
              + scalar.location().suffix()
              + "; write the value");
    }
    try {
      return convert(type, text);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          path
              + " must be "
              + expected(type)
              + ": "
              + path
              + "="
              + text
              + scalar.location().suffix(),
          e);
    }
  }

  private static Object convert(Class<?> type, String text) {
    if (type == String.class) {
      return text;
    }
    if (type == boolean.class || type == Boolean.class) {
      return truth(text);
    }
    if (type.isEnum()) {
      return constant(type, text);
    }
    String number = text.replace("_", "");
    if (type == int.class) {
      return Integer.valueOf(number);
    }
    if (type == long.class) {
      return Long.valueOf(number);
    }
    if (type == float.class) {
      return finite(Float.parseFloat(number));
    }
    if (type == double.class || type == Double.class) {
      return finite(Double.parseDouble(number));
    }
    throw new IllegalStateException("No reader for settings of type " + type.getName());
  }

  private static Boolean truth(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static Float finite(float value) {
    if (!Float.isFinite(value)) {
      throw new IllegalArgumentException("out of range");
    }
    return value;
  }

  private static Double finite(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("out of range");
    }
    return value;
  }

  private static Object constant(Class<?> type, String text) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> SettingText.name((Enum<?>) constant).equals(plain(text)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(text));
  }

  private static String plain(String text) {
    return text.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String expected(Class<?> type) {
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(constant -> SettingText.name((Enum<?>) constant))
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    return switch (type.getName()) {
      case "int" -> "a whole number from -2147483648 to 2147483647";
      case "long" -> "a whole number";
      case "float", "double", "java.lang.Double" -> "a finite number";
      default -> "true or false";
    };
  }
}
