package io.shardfire.driver.monitor;

import java.util.Map;
import java.util.Optional;

/**
 * What the output can do.
 *
 * @param interactive a person watches: one line may be rewritten in place
 * @param columns width of a line
 */
public record Terminal(boolean interactive, int columns) {
  /**
   * The variable in which the launcher script tells the width when standard output is a terminal.
   */
  public static final String COLUMNS_VARIABLE = "SHARDFIRE_COLUMNS";

  private static final int DEFAULT_COLUMNS = 100;
  private static final int NARROWEST = 40;
  private static final int WIDEST = 400;

  /** A file or a pipe. */
  public static final Terminal PLAIN = new Terminal(false, DEFAULT_COLUMNS);

  /** Checks the width. */
  public Terminal {
    if (columns < 1) {
      throw new IllegalArgumentException("A terminal has at least one column: columns=" + columns);
    }
  }

  /**
   * Reads the launcher's {@link #COLUMNS_VARIABLE}; without it, the output counts as a terminal
   * when the JVM has a console and {@code TERM} is not {@code dumb}.
   */
  public static Terminal detect(Map<String, String> environment, boolean hasConsole) {
    if ("dumb".equals(environment.get("TERM"))) {
      return PLAIN;
    }
    Optional<Integer> told = columns(environment.get(COLUMNS_VARIABLE));
    if (told.isPresent()) {
      return new Terminal(true, told.get());
    }
    if (hasConsole && environment.containsKey("TERM")) {
      return new Terminal(true, columns(environment.get("COLUMNS")).orElse(DEFAULT_COLUMNS));
    }
    return PLAIN;
  }

  private static Optional<Integer> columns(String value) {
    if (value == null || !value.matches("[1-9][0-9]{0,5}")) {
      return Optional.empty();
    }
    return Optional.of(Math.max(NARROWEST, Math.min(WIDEST, Integer.parseInt(value))));
  }
}
