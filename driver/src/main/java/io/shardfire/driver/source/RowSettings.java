package io.shardfire.driver.source;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Rows to read, and what becomes of them.
 *
 * @param sources in the order in which their documents are preferred to duplicates
 * @param query a query over the sources, known by their names, and the tables of the catalog, whose
 *     rows take the place of theirs
 * @param deduplication which documents are left out as duplicates
 * @param seed of the order of documents and of the mixture
 */
public record RowSettings(
    List<RowSource> sources, Optional<Query> query, Deduplication deduplication, long seed) {
  /**
   * A query and what is read of its rows.
   *
   * @param sql a {@code SELECT}
   * @param where an SQL expression that its rows must satisfy; empty for all
   */
  public record Query(String sql, ColumnMapping columns, String where) {}

  /** Checks and copies. */
  public RowSettings {
    sources = List.copyOf(sources);
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(deduplication, "deduplication");
    Set<String> names = new HashSet<>();
    for (RowSource source : sources) {
      check(names.add(source.name()), "source=" + source.name(), "Name every source once");
    }
    check(query.isPresent() || !sources.isEmpty(), "sources=[]", "Name at least one");
    long weighted = sources.stream().filter(source -> source.weight().isPresent()).count();
    check(
        weighted == 0 || weighted == sources.size(),
        "weights=%s of %s".formatted(weighted, sources.size()),
        "Give every source a weight, or none");
    check(
        weighted == 0 || query.isEmpty(),
        "weights=%s sql=%s".formatted(weighted, query.map(Query::sql).orElse("")),
        "The rows of a query are of no source; leave the weights or sql out");
    check(
        query.isPresent()
            || sources.stream().map(source -> source.columns().content()).distinct().count() == 1,
        "columns=" + sources.stream().map(source -> source.columns().columns()).toList(),
        "Read texts of all sources, pairs of all (labels make pairs), or messages of all");
  }

  private static void check(boolean valid, String value, String remedy) {
    if (!valid) {
      throw new IllegalArgumentException("Invalid sources: " + value + ". " + remedy);
    }
  }

  /** What a row becomes. */
  public RowContent content() {
    return query.map(Query::columns).orElseGet(() -> sources.get(0).columns()).content();
  }

  /** Whether the sources are mixed by weights. */
  boolean weighted() {
    return query.isEmpty() && sources.get(0).weight().isPresent();
  }

  /** For people. */
  public String shown() {
    return query
        .map(Query::sql)
        .orElseGet(() -> String.join(", ", sources.stream().map(RowSource::shown).toList()));
  }
}
