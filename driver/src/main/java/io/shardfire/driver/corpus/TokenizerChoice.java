package io.shardfire.driver.corpus;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.PlainFiles;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The tokenizer that the configuration names, if it names one. */
final class TokenizerChoice {
  private TokenizerChoice() {}

  /**
   * Reads the tokenizer to use again.
   *
   * @throws CorpusException when it cannot be read or is no tokenizer, or lacks a special token
   *     that the configuration asks for
   */
  static Optional<TokenizerFiles> existing(
      PrepareConfiguration settings, Configuration configuration) {
    String given = settings.tokenizerPath();
    if (given.isEmpty()) {
      return Optional.empty();
    }
    Path path = new Path(given);
    try (Tokenizer tokenizer =
        Tokenizer.of(TokenizerFiles.read(PlainFiles.fileSystem(configuration, path), path))) {
      if (settings.appendEndOfText() && tokenizer.endOfText().isEmpty()) {
        throw new CorpusException(
            ("Tokenizer has no end-of-text token: tokenizer-path=%s append-end-of-text=true."
                    + " Set append-end-of-text=false, or use a tokenizer with %s")
                .formatted(given, TokenizerJson.END_OF_TEXT));
      }
      if (settings.conversations()) {
        requireMarkers(given, tokenizer);
      }
      return Optional.of(tokenizer.files());
    } catch (IOException | UncheckedIOException | CheckpointException e) {
      throw new CorpusException(
          "Cannot read tokenizer: tokenizer-path=%s reason=%s. Give a tokenizer.json or its folder"
              .formatted(given, Reason.of(e)),
          e);
    } catch (IllegalArgumentException e) {
      throw new CorpusException(
          "Not a usable tokenizer: tokenizer-path=%s reason=%s".formatted(given, e.getMessage()),
          e);
    }
  }

  private static void requireMarkers(String given, Tokenizer tokenizer) {
    Set<String> specials = tokenizer.files().specialIds().byText().keySet();
    List<String> missing =
        Stream.of(AddedTokens.MESSAGE_START, AddedTokens.MESSAGE_END)
            .filter(marker -> !specials.contains(marker))
            .toList();
    if (!missing.isEmpty()) {
      throw new CorpusException(
          "Tokenizer lacks special tokens that messages need: tokenizer-path=%s missing=%s. Use one of a model that reads ChatML, or make one with added-tokens=chat"
              .formatted(given, missing));
    }
  }
}
