package io.shardfire.jobs.configuration;

/**
 * Where a setting was written.
 *
 * @param source a file, or the override itself
 * @param line counted from 1; 0 when the source has no lines
 */
record Location(String source, int line) {
  /** The defaults, which nobody wrote. */
  static final Location NONE = new Location("", 0);

  /** {@code run.yaml:12}. */
  String shown() {
    return line == 0 ? source : source + ":" + line;
  }

  /** What errors end with: {@code (run.yaml:12)}, or nothing. */
  String suffix() {
    return source.isEmpty() ? "" : " (" + shown() + ")";
  }
}
