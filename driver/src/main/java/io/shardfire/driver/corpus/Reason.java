package io.shardfire.driver.corpus;

import java.io.EOFException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/**
 * What an exception of a file system or a library says, in one line for people who know no Java.
 */
final class Reason {
  private Reason() {}

  /** Never empty, never the name of a class. */
  static String of(Throwable failure) {
    Throwable told = failure;
    // Wrappers made from a cause alone repeat it, with the name of its class before it.
    while (told.getCause() != null
        && (told.getMessage() == null || told.getMessage().equals(told.getCause().toString()))) {
      told = told.getCause();
    }
    String message = told.getMessage() == null ? "" : told.getMessage().strip();
    String line = message.lines().findFirst().orElse("");
    // The JDK's file exceptions have only the path for a message.
    if (told instanceof NoSuchFileException) {
      return "no such file: " + line;
    }
    if (told instanceof AccessDeniedException) {
      return "permission denied: " + line;
    }
    if (!line.isEmpty()) {
      return line;
    }
    return told instanceof EOFException ? "unexpected end of file" : words(told);
  }

  /** Whether a disk or a quota is full: the operating system's words, all that Java passes on. */
  static boolean isFull(Throwable failure) {
    String message = failure.getMessage() == null ? "" : failure.getMessage();
    return message.contains("No space left on device") || message.contains("quota exceeded");
  }

  /** {@code ArrayIndexOutOfBoundsException} as "array index out of bounds". */
  private static String words(Throwable failure) {
    return failure
        .getClass()
        .getSimpleName()
        .replaceFirst("(Exception|Error)$", "")
        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
        .toLowerCase(Locale.ROOT);
  }
}
