package io.shardfire.driver.plan;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.CorpusIdentity;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenSplit;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The prepared corpus against the model. */
final class DataChecks {
  private DataChecks() {}

  /** The index of the corpus; a problem is added when there is none. */
  static Optional<TokenIndex> read(String data, Configuration hadoop, List<Problem> problems) {
    try {
      return Optional.of(TokenIndex.read(hadoop, new Path(data)));
    } catch (DataException | IllegalArgumentException e) {
      problems.add(
          new Problem(
              "The prepared corpus cannot be read: data=" + data + ": " + e.getMessage(),
              "Set data to the folder that prepare wrote"));
      return Optional.empty();
    }
  }

  /** The model with its vocabulary size, which may be left to the corpus. */
  static ModelConfiguration model(PretrainConfiguration configuration, TokenIndex index) {
    ModelConfiguration model = configuration.model();
    return model.vocabularySize() == 0 ? model.withVocabularySize(index.vocabularySize()) : model;
  }

  /**
   * Compares tokenizer, shards and model with the index. In a dry run every byte is read, as the
   * ranks do when they start.
   *
   * @return what tells the corpus apart; empty when a shard is not as the index says
   */
  static Optional<CorpusIdentity> check(
      PretrainConfiguration configuration,
      TokenIndex index,
      Configuration hadoop,
      List<Problem> problems) {
    int before = problems.size();
    tokenizer(configuration.data(), index, hadoop, problems);
    Optional<CorpusIdentity> corpus = shards(configuration.data(), index, hadoop, problems);
    if (configuration.dryRun() && problems.size() == before) {
      content(configuration.data(), hadoop, problems);
    }
    int vocabulary = configuration.model().vocabularySize();
    if (vocabulary != 0 && vocabulary < index.vocabularySize()) {
      problems.add(
          new Problem(
              "The corpus holds token ids that the model lacks: model.vocabularySize="
                  + vocabulary
                  + ", vocabularySize of the corpus="
                  + index.vocabularySize(),
              "Set model.vocabularySize=0 to take the corpus's, or prepare the corpus with the"
                  + " model's tokenizer"));
    }
    length(configuration, index, TokenSplit.TRAIN, "Prepare a larger corpus", problems);
    length(
        configuration,
        index,
        TokenSplit.VALIDATION,
        "Prepare the corpus with a larger validation split",
        problems);
    return corpus;
  }

  private static void tokenizer(
      String data, TokenIndex index, Configuration hadoop, List<Problem> problems) {
    try {
      TokenDataset.readTokenizer(hadoop, new Path(data), index);
    } catch (DataException e) {
      problems.add(notWhole(data, e));
    }
  }

  private static Optional<CorpusIdentity> shards(
      String data, TokenIndex index, Configuration hadoop, List<Problem> problems) {
    try {
      return Optional.of(CorpusIdentity.read(hadoop, new Path(data), index));
    } catch (DataException e) {
      problems.add(notWhole(data, e));
      return Optional.empty();
    }
  }

  private static void content(String data, Configuration hadoop, List<Problem> problems) {
    try {
      TokenDataset.open(hadoop, new Path(data)).close();
    } catch (DataException e) {
      problems.add(notWhole(data, e));
    }
  }

  private static Problem notWhole(String data, DataException e) {
    return new Problem(
        "The prepared corpus is not whole: data=" + data + ": " + e.getMessage(),
        "Set data to a folder as prepare wrote it");
  }

  private static void length(
      PretrainConfiguration configuration,
      TokenIndex index,
      TokenSplit split,
      String remedy,
      List<Problem> problems) {
    int context = configuration.model().context();
    long tokens = index.tokens(split);
    if (tokens < context + 1L) {
      problems.add(
          new Problem(
              "A split is shorter than one sequence and its target: split="
                  + split
                  + ", tokens="
                  + tokens
                  + ", model.context="
                  + context,
              remedy + ", or lower model.context"));
    }
  }
}
