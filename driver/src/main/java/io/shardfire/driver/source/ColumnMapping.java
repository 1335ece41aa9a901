package io.shardfire.driver.source;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which column is what. A row is one of
 *
 * <pre>
 *   text             a document
 *   source, target   a pair
 *   text, label      a pair of a text and its label, as text (Raffel et al., 2020)
 *   messages         a conversation
 * </pre>
 *
 * @param columns by role
 */
public record ColumnMapping(Map<String, String> columns) {
  /** The role of a document's text. */
  public static final String TEXT = "text";

  /** The role of what the encoder of a pair reads. */
  public static final String SOURCE = "source";

  /** The role of what the decoder of a pair writes. */
  public static final String TARGET = "target";

  /** The role of what is to be said of a text. */
  public static final String LABEL = "label";

  /** The role of a conversation. */
  public static final String MESSAGES = "messages";

  private static final Map<Set<String>, RowContent> CONTENT =
      Map.of(
          Set.of(TEXT), RowContent.TEXT,
          Set.of(SOURCE, TARGET), RowContent.PAIR,
          Set.of(TEXT, LABEL), RowContent.PAIR,
          Set.of(MESSAGES), RowContent.CONVERSATION);

  private static final Map<String, String> SLIPS = Map.of("labels", LABEL, "message", MESSAGES);

  /** Documents whose text is in the column of that name. */
  public static final ColumnMapping STANDARD = new ColumnMapping(Map.of(TEXT, TEXT));

  /** Copies, in the order of the roles, and checks. */
  public ColumnMapping {
    columns = Collections.unmodifiableMap(new TreeMap<>(columns));
    for (Map.Entry<String, String> column : columns.entrySet()) {
      String meant = SLIPS.get(column.getKey());
      if (meant != null) {
        throw new IllegalArgumentException(
            "No such role of a column: columns.%s=%s; did you mean %s?"
                .formatted(column.getKey(), column.getValue(), meant));
      }
    }
    if (!CONTENT.containsKey(columns.keySet())) {
      throw new IllegalArgumentException(
          "Columns are not mapped to a document: columns=%s. Map text; or source and target; or text and label; or messages"
              .formatted(columns));
    }
  }

  /** What a row becomes. */
  public RowContent content() {
    return CONTENT.get(columns.keySet());
  }
}
