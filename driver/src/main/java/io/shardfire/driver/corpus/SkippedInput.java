package io.shardfire.driver.corpus;

/**
 * A file, folder or link that the input leads to and that is not read.
 *
 * @param path qualified
 * @param why to follow the path after a colon, such as {@code empty}
 */
public record SkippedInput(String path, String why) {
  @Override
  public String toString() {
    return path + ": " + why;
  }

  static SkippedInput hidden(String path) {
    return new SkippedInput(path, "hidden, its name begins with . or _");
  }

  static SkippedInput same(String path, String other) {
    return new SkippedInput(path, "the same as " + other);
  }

  static SkippedInput brokenLink(String path) {
    return new SkippedInput(path, "a link to nothing");
  }

  static SkippedInput empty(String path) {
    return new SkippedInput(path, "empty");
  }
}
