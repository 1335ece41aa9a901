package io.shardfire.driver.source;

import java.util.Optional;
import org.apache.spark.SparkThrowable;

/** What Spark says of a failure, in one line: no plan, no stack trace. */
final class SparkReason {
  private SparkReason() {}

  /**
   * The line of the innermost exception that is Spark's own, as the outer ones only pass it on, and
   * that of the cause if it says more. Never empty.
   */
  static String of(Throwable failure) {
    Throwable told = failure;
    Throwable root = failure;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SparkThrowable) {
        told = cause;
      }
      root = cause;
    }
    String line = line(told).orElse("");
    String cause = line(root).orElseGet(root.getClass()::getSimpleName);
    if (line.isEmpty() || cause.contains(line)) {
      return cause;
    }
    return line.contains(cause) ? line : line + ": " + cause;
  }

  private static Optional<String> line(Throwable failure) {
    return Optional.ofNullable(failure.getMessage())
        .flatMap(message -> message.strip().lines().findFirst())
        // A plan follows what could not be analysed.
        .map(line -> line.replaceFirst(";$", "").strip())
        .filter(line -> !line.isEmpty());
  }
}
