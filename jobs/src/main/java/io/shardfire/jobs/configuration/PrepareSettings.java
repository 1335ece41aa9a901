package io.shardfire.jobs.configuration;

import io.shardfire.driver.corpus.DocumentMode;
import io.shardfire.driver.corpus.PrepareConfiguration;
import io.shardfire.driver.corpus.PrepareConfigurationBuilder;
import io.shardfire.driver.corpus.SplitMode;
import io.shardfire.driver.corpus.TokenizerKind;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.SpecialTokens;
import java.util.List;
import java.util.Optional;

/**
 * The section {@code prepare} of a configuration file; the meaning of each key stands at {@link
 * PrepareConfiguration}. The output is the file's {@code data}.
 *
 * @param addedTokens empty: as the documents need it
 * @param appendEndOfText empty: as the tokenizer needs it
 */
public record PrepareSettings(
    List<String> input,
    DocumentMode documents,
    String jsonField,
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
  }

  /** What holds where a file says nothing: the defaults of the driver's own builder. */
  static PrepareSettings defaults() {
    PrepareConfiguration defaults =
        PrepareConfiguration.builder(List.of("input"), "output").build();
    return new PrepareSettings(
        List.of(),
        defaults.documents(),
        defaults.jsonField(),
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

  /** The driver's record. */
  PrepareConfiguration toConfiguration(String output, boolean overwrite) {
    PrepareConfigurationBuilder builder =
        PrepareConfiguration.builder(input, output)
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
            .overwrite(overwrite);
    addedTokens.ifPresent(builder::addedTokens);
    appendEndOfText.ifPresent(builder::appendEndOfText);
    return builder.build();
  }
}
