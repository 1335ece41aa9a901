package io.shardfire.jobs.configuration;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A source of {@code prepare.sources}. What it leaves out is as the section {@code prepare} itself
 * says; options are added to those of the section.
 */
public record SourceSettings(
    List<String> input,
    Optional<String> format,
    Map<String, String> options,
    Map<String, String> columns,
    Optional<String> where,
    Optional<Double> weight) {
  /** Says nothing. */
  static final SourceSettings UNSET =
      new SourceSettings(
          List.of(), Optional.empty(), Map.of(), Map.of(), Optional.empty(), Optional.empty());

  /** Copies. */
  public SourceSettings {
    input = List.copyOf(input);
    options = Collections.unmodifiableMap(new TreeMap<>(options));
    columns = Collections.unmodifiableMap(new TreeMap<>(columns));
  }
}
