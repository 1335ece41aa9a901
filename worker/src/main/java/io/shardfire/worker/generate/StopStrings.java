package io.shardfire.worker.generate;

import java.util.List;

/**
 * Cuts text that comes in pieces before the first of some strings. What may be the beginning of one
 * is held back. Confined to one thread.
 */
final class StopStrings {
  private final List<String> stops;
  private String held = "";
  private boolean stopped;

  StopStrings(List<String> stops) {
    this.stops = stops;
  }

  /** The text that now is known to come before any of the strings. */
  String accept(String piece) {
    String text = held + piece;
    int cut = text.length();
    for (String stop : stops) {
      int at = text.indexOf(stop);
      if (at >= 0) {
        stopped = true;
        cut = Math.min(cut, at);
      }
    }
    held = stopped ? "" : text.substring(text.length() - possibleStart(text));
    return stopped ? text.substring(0, cut) : text.substring(0, text.length() - held.length());
  }

  /** Whether one of the strings was met; there is no text after that. */
  boolean stopped() {
    return stopped;
  }

  /** What is held back still, at the end. */
  String rest() {
    return held;
  }

  /** Length of the longest end of the text that one of the strings begins with. */
  private int possibleStart(String text) {
    int longest = 0;
    for (String stop : stops) {
      int length = Math.min(stop.length() - 1, text.length());
      while (length > longest && !stop.startsWith(text.substring(text.length() - length))) {
        length--;
      }
      longest = Math.max(longest, length);
    }
    return longest;
  }
}
