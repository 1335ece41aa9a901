package io.shardfire.driver.corpus;

/** Names that are skipped in folders and among the matches of a glob, as Hadoop's inputs do. */
final class InputName {
  private InputName() {}

  /** Such as {@code .git}, {@code _SUCCESS} and {@code _temporary}. */
  static boolean isHidden(String name) {
    return name.startsWith("_") || name.startsWith(".");
  }
}
