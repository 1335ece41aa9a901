package io.shardfire.driver.corpus;

/** What counts as one document in an input file. */
public enum DocumentMode {
  /** Every line that is not blank. Lines end with LF or CR LF. */
  LINE("\n"),
  /** The whole file, unchanged apart from a byte order mark at its start. */
  FILE(""),
  /** Every run of lines that are not blank; the lines of a document are joined by LF. */
  BLANK_LINES("\n\n"),
  /** The text of one field of the JSON object that each line holds. */
  JSON_LINES("\n"),
  /** Every line that is not blank: a source, a tab, a target. */
  PAIRS(""),
  /** The fields {@code source} and {@code target} of the JSON object that each line holds. */
  JSON_PAIRS("");

  private final String separator;

  DocumentMode(String separator) {
    this.separator = separator;
  }

  /** What stands after each document where no end-of-text token marks its end. */
  public String separator() {
    return separator;
  }

  /** Whether a document is a source and a target. */
  public boolean pairs() {
    return this == PAIRS || this == JSON_PAIRS;
  }

  /** Whether a document lies on one line, so that a plain file can be cut at any line. */
  boolean splittable() {
    return this != FILE && this != BLANK_LINES;
  }
}
