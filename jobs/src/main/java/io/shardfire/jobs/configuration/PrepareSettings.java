package io.shardfire.jobs.configuration;

import io.shardfire.driver.corpus.DocumentMode;
import io.shardfire.driver.corpus.PrepareConfiguration;
import io.shardfire.driver.corpus.PrepareConfigurationBuilder;
import io.shardfire.driver.corpus.SplitMode;
import io.shardfire.driver.corpus.TokenizerKind;
import io.shardfire.driver.source.Deduplication;
import io.shardfire.driver.source.RowSettings;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.SpecialTokens;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The section {@code prepare} of a configuration file; the meaning of each key stands at {@link
 * PrepareConfiguration}. The output is the file's {@code data}.
 *
 * @param format empty: files of text
 * @param addedTokens empty: as the documents need it
 * @param appendEndOfText empty: as the tokenizer needs it
 */
public record PrepareSettings(
    List<String> input,
    DocumentMode documents,
    String jsonField,
    Optional<String> format,
    Map<String, String> options,
    Map<String, String> columns,
    Optional<String> where,
    Optional<String> sql,
    Map<String, SourceSettings> sources,
    Deduplication deduplicate,
    TokenizerKind tokenizer,
    int vocabularySize,
    Optional<AddedTokens> addedTokens,
    String tokenizerPath,
    SplitMode split,
    double validationFraction,
    long seed,
    Optional<Boolean> appendEndOfText,
    SpecialTokens specialTokens,
    long tokensPerShard,
    long bytesPerTask) {
  /** Copies. */
  public PrepareSettings {
    input = List.copyOf(input);
    options = Collections.unmodifiableMap(new TreeMap<>(options));
    columns = Collections.unmodifiableMap(new TreeMap<>(columns));
    // Their order says whose documents are preferred to duplicates.
    sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
  }

  /** What holds where a file says nothing: the defaults of the driver's own builder. */
  static PrepareSettings defaults() {
    PrepareConfiguration defaults =
        PrepareConfiguration.builder(List.of("input"), "output").build();
    return new PrepareSettings(
        List.of(),
        defaults.documents(),
        defaults.jsonField(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Deduplication.NONE,
        defaults.tokenizer(),
        defaults.vocabularySize(),
        Optional.empty(),
        defaults.tokenizerPath(),
        defaults.split(),
        defaults.validationFraction(),
        defaults.seed(),
        Optional.empty(),
        defaults.specialTokens(),
        defaults.tokensPerShard(),
        defaults.bytesPerTask());
  }

  /** What all sources read. */
  public Stream<String> inputs() {
    return Stream.concat(
        input.stream(), sources.values().stream().flatMap(source -> source.input().stream()));
  }

  /** Whether the section says what to read. */
  boolean namesInput() {
    return !input.isEmpty() || format.isPresent() || sql.isPresent() || !sources.isEmpty();
  }

  /** Its settings as they are recorded with a corpus: in the words of a configuration file. */
  public Map<String, String> written() {
    Map<String, String> written = new TreeMap<>();
    for (Setting setting : Setting.of(this)) {
      written.put("prepare." + setting.key(), setting.text());
    }
    return written;
  }

  /**
   * The driver's record.
   *
   * @param environment where secrets are
   */
  PrepareConfiguration toConfiguration(
      String output, boolean overwrite, Map<String, String> environment) {
    Optional<RowSettings> rows = new RowInput(this, environment).settings();
    PrepareConfigurationBuilder builder =
        PrepareConfiguration.builder(rows.isPresent() ? List.of() : input, output)
            .documents(documents)
            .jsonField(jsonField)
            .tokenizer(tokenizer)
            .vocabularySize(vocabularySize)
            .tokenizerPath(tokenizerPath)
            .split(split)
            .validationFraction(validationFraction)
            .seed(seed)
            .specialTokens(specialTokens)
            .tokensPerShard(tokensPerShard)
            .bytesPerTask(bytesPerTask)
            .overwrite(overwrite)
            .written(written());
    rows.ifPresent(builder::rows);
    addedTokens.ifPresent(builder::addedTokens);
    appendEndOfText.ifPresent(builder::appendEndOfText);
    return builder.build();
  }
}
