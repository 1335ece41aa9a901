package io.shardfire.driver.corpus;

import io.shardfire.worker.tokenizer.AddedTokens;
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
   * Reads everything once.
   *
   * @param lines to name the line of what is wrong with the text
   */
  ScannedCorpus scan(CorpusScan scan, LineNumbers lines) {
    return phases.run(PreparePhase.SCAN, parts, () -> ScannedCorpus.of(tasks, scan, lines));
  }

  /** Counts words in a pass of its own. */
  JavaRDD<PartWords> count(WordCounting counting) {
    return tasks.map(counting);
  }

  /**
   * Learns a byte-level BPE tokenizer.
   *
   * @param counted words of the training text of each part
   * @param vocabularySize with the 256 bytes and the added tokens
   * @return text of the tokenizer.json
   */
  String learnBpe(JavaRDD<PartWords> counted, int vocabularySize, AddedTokens added) {
    List<WordCount> words =
        phases.run(
            PreparePhase.COUNT,
            parts,
            () -> WordCounting.sum(counted, WordCounting.buckets(parts)));
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
