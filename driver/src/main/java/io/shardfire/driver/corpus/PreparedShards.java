package io.shardfire.driver.corpus;

import io.shardfire.driver.source.SourceCounts;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.CorpusProvenanceFile;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * All shards that the tasks wrote.
 *
 * @param files in reading order within each split
 * @param format what they have in common
 * @param settings that made them
 */
record PreparedShards(List<ShardFile> files, ShardFormat format, PrepareConfiguration settings) {
  PreparedShards {
    files = List.copyOf(files);
  }

  /** Tokens of a split. */
  long tokens(TokenSplit split) {
    return files.stream()
        .filter(shard -> shard.split() == split)
        .mapToLong(ShardFile::tokens)
        .sum();
  }

  /**
   * Checks that a split that is asked for has text.
   *
   * @param documents in the corpus, for the message
   */
  void checkSplits(long documents) {
    for (TokenSplit split : TokenSplit.values()) {
      boolean wanted = split == TokenSplit.TRAIN || settings.validationFraction() > 0;
      if (wanted && tokens(split) == 0) {
        throw new CorpusException(
            ("No text is left for the %s split: documents=%s validationFraction=%s split=%s."
                    + " Give more documents, change validationFraction%s")
                .formatted(
                    split.name().toLowerCase(Locale.ROOT),
                    documents,
                    settings.validationFraction(),
                    settings.split().name().toLowerCase(Locale.ROOT),
                    settings.conversations()
                        ? ""
                        : ", or cut the text in two with split=contiguous"));
      }
    }
  }

  /** What was made. */
  PrepareReport report(
      Path output,
      List<SourceCounts> sources,
      InputFiles input,
      CorpusSummary summary,
      double seconds) {
    return new PrepareReport(
        output.toString(),
        sources,
        input.read().size(),
        input.skipped(),
        summary.documents(),
        summary.textBytes(),
        tokens(TokenSplit.TRAIN),
        tokens(TokenSplit.VALIDATION),
        format.vocabularySize(),
        format.vocabularyHash(),
        files.size(),
        seconds);
  }

  /**
   * Names the shards, writes tokenizer, provenance and index, and moves the folder to its place.
   */
  void commit(
      OutputFolder output,
      TokenizerFiles tokenizer,
      CorpusProvenance provenance,
      Configuration configuration) {
    List<TokenIndex.Shard> shards = new ArrayList<>();
    for (TokenSplit split : TokenSplit.values()) {
      int number = 0;
      for (ShardFile file : files) {
        if (file.split() == split) {
          String name =
              String.format(
                  Locale.ROOT, "%s-%05d.tokens", split.name().toLowerCase(Locale.ROOT), number++);
          TokenIndex.Shard shard =
              new TokenIndex.Shard(name, split, file.tokens(), file.documents(), file.bytes());
          output.adopt(file.name(), shard.file());
          output.adopt(file.documentFile(), shard.documentFile());
          shards.add(shard);
        }
      }
    }
    output.write(TokenizerFiles.JSON, tokenizer.json());
    output.write(TokenizerFiles.CONFIGURATION, tokenizer.configuration());
    output.write(CorpusProvenanceFile.NAME, provenance.json());
    TokenIndex index =
        new TokenIndex(
            TokenIndex.VERSION,
            settings.tokenizerPath().isEmpty()
                ? settings.tokenizer().name()
                : settings.tokenizerPath(),
            format.vocabularySize(),
            format.vocabularyHash(),
            settings.source(),
            settings.documents().pairs() ? CorpusContent.PAIRS : CorpusContent.TEXT,
            shards);
    output.writeLast(index, configuration);
    output.commit();
  }
}
