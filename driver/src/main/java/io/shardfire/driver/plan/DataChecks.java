package io.shardfire.driver.plan;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.CorpusIdentity;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.objective.CorpusNeeds;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import io.shardfire.worker.train.TrainingConfiguration;
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

  /** Sequences of an epoch; 1 where the split is too short to know. */
  static long sequencesPerEpoch(CorpusNeeds needs, TokenIndex index) {
    return index.tokens(TokenSplit.TRAIN) < needs.fewestTokens()
        ? 1
        : Math.max(1, needs.sequencesPerEpoch(index));
  }

  /** What the objective needs of the corpus; a problem is added when the model is not for it. */
  static Optional<CorpusNeeds> needs(PretrainConfiguration configuration, List<Problem> problems) {
    ModelConfiguration model = configuration.model();
    TrainingConfiguration training = configuration.training();
    try {
      return Optional.of(new CorpusNeeds(training.objectiveSettings(model), training.form(model)));
    } catch (IllegalArgumentException e) {
      problems.add(
          new Problem(
              "The model cannot be trained for the objective: " + e.getMessage(),
              "Change the one or the other"));
      return Optional.empty();
    }
  }

  /**
   * Compares tokenizer, shards and model with the index. In a dry run every byte is read, as the
   * ranks do when they start.
   *
   * @param needs of the objective, when the model is for it
   * @return what tells the corpus apart; empty when a shard is not as the index says
   */
  static Optional<CorpusIdentity> check(
      PretrainConfiguration configuration,
      TokenIndex index,
      Optional<CorpusNeeds> needs,
      Configuration hadoop,
      List<Problem> problems) {
    int before = problems.size();
    tokenizer(configuration.data(), index, needs, hadoop, problems);
    Optional<CorpusIdentity> corpus = shards(configuration.data(), index, hadoop, problems);
    if (configuration.dryRun() && problems.size() == before) {
      content(configuration.data(), needs, hadoop, problems);
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
    needs.ifPresent(
        found -> {
          length(found, index, TokenSplit.TRAIN, "Prepare a larger corpus", problems);
          length(
              found,
              index,
              TokenSplit.VALIDATION,
              "Prepare the corpus with a larger validation split",
              problems);
        });
    return corpus;
  }

  private static void tokenizer(
      String data,
      TokenIndex index,
      Optional<CorpusNeeds> needs,
      Configuration hadoop,
      List<Problem> problems) {
    try {
      TokenizerFiles tokenizer = TokenDataset.readTokenizer(hadoop, new Path(data), index);
      needs.ifPresent(found -> fit(data, index, tokenizer, found, problems));
    } catch (DataException e) {
      problems.add(notWhole(data, e));
    }
  }

  private static void fit(
      String data,
      TokenIndex index,
      TokenizerFiles tokenizer,
      CorpusNeeds needs,
      List<Problem> problems) {
    try {
      needs.check(index, tokenizer);
    } catch (DataException e) {
      problems.add(
          new Problem(
              "The corpus does not fit the objective: data=" + data + ": " + e.getMessage(),
              "Set training.objective to what the corpus is for, or data to a corpus for it"));
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

  private static void content(
      String data, Optional<CorpusNeeds> needs, Configuration hadoop, List<Problem> problems) {
    try (TokenDataset opened = TokenDataset.open(hadoop, new Path(data))) {
      for (TokenSplit split : TokenSplit.values()) {
        if (needs.filter(CorpusNeeds::documents).isPresent()) {
          opened.documents(split);
        }
      }
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
      CorpusNeeds needs,
      TokenIndex index,
      TokenSplit split,
      String remedy,
      List<Problem> problems) {
    long tokens = index.tokens(split);
    if (tokens < needs.fewestTokens()) {
      problems.add(
          new Problem(
              "A split is shorter than one sequence and its target: split="
                  + split
                  + ", tokens="
                  + tokens
                  + ", needed="
                  + needs.fewestTokens(),
              remedy + ", or lower model.context"));
    }
  }
}
