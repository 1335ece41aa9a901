package io.shardfire.driver.source;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which column is what: {@code text}, or {@code source} and {@code target}.
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

  private static final Set<String> PAIR = Set.of(SOURCE, TARGET);
  private static final Set<String> UNTRAINED = Set.of("label", "labels", "messages");

  /** Documents whose text is in the column of that name. */
  public static final ColumnMapping STANDARD = new ColumnMapping(Map.of(TEXT, TEXT));

  /** Copies, in the order of the roles, and checks. */
  public ColumnMapping {
    columns = Collections.unmodifiableMap(new TreeMap<>(columns));
    for (String role : columns.keySet()) {
      if (UNTRAINED.contains(role)) {
        throw new IllegalArgumentException(
            "No objective trains on %s: columns.%s=%s. Map columns.text, or columns.source and columns.target"
                .formatted(role, role, columns.get(role)));
      }
    }
    if (!columns.keySet().equals(Set.of(TEXT)) && !columns.keySet().equals(PAIR)) {
      throw new IllegalArgumentException(
          "Columns are not mapped to a document: columns=%s. Map columns.text, or columns.source and columns.target"
              .formatted(columns));
    }
  }

  /** Whether a row is a source and a target. */
  public boolean pairs() {
    return columns.containsKey(SOURCE);
  }

  /** The roles, in the order in which their texts make a document's identity. */
  List<String> roles() {
    return List.copyOf(columns.keySet());
  }
}
