package io.shardfire.driver.source;

import java.util.List;

/**
 * Documents in a defined order.
 *
 * @param folder whose files, in the order of their paths, hold a JSON object on each line
 * @param sources as they were when they were read
 * @param counts of each source, or of the query
 */
public record StagedDocuments(
    String folder, List<SourceSnapshot> sources, List<SourceCounts> counts) {
  /** Copies. */
  public StagedDocuments {
    sources = List.copyOf(sources);
    counts = List.copyOf(counts);
  }
}
