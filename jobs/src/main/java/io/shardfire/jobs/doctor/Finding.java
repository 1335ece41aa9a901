package io.shardfire.jobs.doctor;

import java.util.Objects;

/**
 * What a check found.
 *
 * @param ok whether jobs can run
 * @param text what was found
 * @param remedy what to do when not ok; empty otherwise
 */
public record Finding(boolean ok, String text, String remedy) {
  /** Checks that a failure comes with a remedy. */
  public Finding {
    Objects.requireNonNull(text, "text");
    if (!ok && remedy.isBlank()) {
      throw new IllegalArgumentException("A failed check needs a remedy: text=" + text);
    }
  }

  /** All is well. */
  static Finding ok(String text) {
    return new Finding(true, text, "");
  }

  /** Something must be put right. */
  static Finding failed(String text, String remedy) {
    return new Finding(false, text, remedy);
  }
}
