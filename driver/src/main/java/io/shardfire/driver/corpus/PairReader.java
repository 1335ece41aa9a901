package io.shardfire.driver.corpus;

import com.fasterxml.jackson.databind.JsonNode;

/** Reads the pair that a line holds. Thread-safe. */
final class PairReader {
  private static final String REMEDY =
      "Write source, tab and target on each line, or use documents=JSON_PAIRS";
  private static final String JSON_REMEDY = "Write one JSON object with source and target per line";

  private PairReader() {}

  /** Source, tab, target. */
  static Document ofTabs(String line, String file, long offset) {
    int tab = line.indexOf('\t');
    if (tab < 0 || line.indexOf('\t', tab + 1) >= 0) {
      long tabs = line.chars().filter(c -> c == '\t').count();
      throw new MalformedDocumentException("Not a pair", file, offset, "tabs=" + tabs, REMEDY);
    }
    return pair(line.substring(0, tab), line.substring(tab + 1), file, offset, REMEDY);
  }

  /** The fields of an object. */
  static Document ofJson(JsonNode object, String file, long offset) {
    return pair(
        JsonFields.text(object, "source", file, offset, JSON_REMEDY),
        JsonFields.text(object, "target", file, offset, JSON_REMEDY),
        file,
        offset,
        JSON_REMEDY);
  }

  private static Document pair(
      String source, String target, String file, long offset, String remedy) {
    if (source.isBlank() || target.isBlank()) {
      throw new MalformedDocumentException(
          source.isBlank() ? "Pair without source" : "Pair without target",
          file,
          offset,
          "",
          remedy);
    }
    return new Document(file, offset, source, target);
  }
}
