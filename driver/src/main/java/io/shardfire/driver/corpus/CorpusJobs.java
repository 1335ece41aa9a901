package io.shardfire.driver.corpus;

import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/**
 * The phases that read the corpus.
 *
 * @param phases runs them
 * @param tasks the parts of the corpus, one for each task
 * @param parts how many
 */
record CorpusJobs(PhaseRunner phases, JavaRDD<CorpusPart> tasks, int parts) {
  /**
   * Reads everything once. Results in reading order.
   *
   * @param lines to name the line of what is wrong with the text
   */
  List<ScanResult> scan(CorpusSource source, LineNumbers lines) {
    return phases.run(
        PreparePhase.SCAN,
        parts,
        () -> {
          List<ScanResult> scans = tasks.map(new CorpusScan(source)).collect();
          for (ScanResult scan : scans) {
            if (scan.failure() != null) {
              throw lines.locate(scan.failure());
            }
          }
          return scans;
        });
  }

  /**
   * Learns a byte-level BPE tokenizer from the training text.
   *
   * @param vocabularySize with the 256 bytes and the added tokens
   * @param special what text means that spells a special token
   * @return text of the tokenizer.json
   */
  String learnBpe(
      SplitReading reading, int vocabularySize, AddedTokens added, SpecialTokens special) {
    List<String> spelled = special == SpecialTokens.PARSE ? added.tokens() : List.of();
    List<WordCount> words =
        phases.run(PreparePhase.COUNT, parts, () -> WordCounting.run(tasks, reading, spelled));
    int tokens = vocabularySize - added.tokens().size();
    BpeMerges learned =
        phases.run(
            PreparePhase.LEARN,
            tokens,
            () ->
                BpeLearner.learn(
                    words,
                    tokens,
                    reached -> phases.advanced(PreparePhase.LEARN, reached, tokens)));
    return TokenizerJson.byteLevelBpe(learned.vocabulary(), learned.merges(), added);
  }

  /** Writes all shards. Those of one split in reading order. */
  List<ShardFile> tokenize(PartTokenizing task) {
    List<PartShards> written =
        phases.run(PreparePhase.TOKENIZE, parts, () -> withoutFailure(tasks.map(task).collect()));
    return written.stream().flatMap(part -> part.files().stream()).toList();
  }

  private static List<PartShards> withoutFailure(List<PartShards> written) {
    for (PartShards part : written) {
      if (part.failure() != null) {
        throw part.failure();
      }
    }
    return written;
  }

  /** Makes the output out of the shards. */
  void commit(PreparedShards shards, Runnable work) {
    phases.run(
        PreparePhase.COMMIT,
        shards.files().size(),
        () -> {
          work.run();
          return null;
        });
  }
}
