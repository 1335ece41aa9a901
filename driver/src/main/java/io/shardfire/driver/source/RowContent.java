package io.shardfire.driver.source;

import java.util.List;

/** What the row of a source becomes. */
public enum RowContent {
  /** A document of one column's text. */
  TEXT,
  /** A source and a target, which may be a label. */
  PAIR,
  /** A document that holds a conversation. */
  CONVERSATION;

  /** The fields of what is staged, in the order in which they make a document's identity. */
  List<String> fields() {
    return switch (this) {
      case TEXT, CONVERSATION -> List.of(ColumnMapping.TEXT);
      case PAIR -> List.of(ColumnMapping.SOURCE, ColumnMapping.TARGET);
    };
  }
}
