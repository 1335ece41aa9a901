package io.shardfire.driver.plan;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.CheckpointReader;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The folder of the run: writable, free, or with a checkpoint that belongs to the data. */
final class RunFolderChecks {
  private RunFolderChecks() {}

  static void check(
      PretrainConfiguration configuration,
      RunFolder folder,
      Optional<TokenIndex> index,
      List<Problem> problems) {
    try {
      folder.probe();
      if (configuration.existingRun() == ExistingRun.REFUSE && !folder.content().isEmpty()) {
        problems.add(
            new Problem(
                "The run folder already holds a run: run="
                    + configuration.run()
                    + ", found="
                    + folder.content().get(0).getName(),
                "Choose another run folder, or give --resume to go on or --overwrite to start"
                    + " anew"));
      }
      if (configuration.existingRun() == ExistingRun.RESUME) {
        resumable(folder, index, problems);
      }
    } catch (IOException | IllegalArgumentException e) {
      problems.add(
          new Problem(
              "The run folder cannot be written: run=" + configuration.run() + ": " + reason(e),
              "Set run to a folder that this user may write"));
    }
  }

  /** Hadoop's exceptions carry whole stack traces in their messages now and then. */
  private static String reason(Exception e) {
    return e.getClass().getSimpleName()
        + ": "
        + String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
  }

  private static void resumable(
      RunFolder folder, Optional<TokenIndex> index, List<Problem> problems) {
    try {
      CheckpointStore checkpoints = folder.checkpoints();
      Optional<Long> newest = checkpoints.newestValid();
      if (newest.isEmpty() && !checkpoints.committedSteps().isEmpty()) {
        problems.add(
            new Problem(
                "No checkpoint of the run is undamaged: run="
                    + folder.path()
                    + ", first damage="
                    + firstDamage(checkpoints),
                "Restore the file, or give --overwrite to start anew"));
      }
      if (newest.isPresent() && index.isPresent()) {
        sameVocabulary(checkpoints, newest.get(), index.get(), problems);
      }
    } catch (CheckpointException e) {
      problems.add(
          new Problem(
              "The checkpoints cannot be read: " + e.getMessage(),
              "Repair the run folder, or give --overwrite to start anew"));
    }
  }

  private static String firstDamage(CheckpointStore checkpoints) {
    List<Long> steps = checkpoints.committedSteps();
    return String.join("; ", checkpoints.verify(steps.get(steps.size() - 1)));
  }

  private static void sameVocabulary(
      CheckpointStore checkpoints, long step, TokenIndex index, List<Problem> problems) {
    String json = CheckpointReader.open(checkpoints, step).document(TokenIndex.TOKENIZER_FILE);
    try (Tokenizer tokenizer = Tokenizer.fromJson(json)) {
      if (!tokenizer.vocabularyHash().equals(index.vocabularyHash())) {
        problems.add(
            new Problem(
                "The corpus was prepared with another tokenizer than the run to be resumed:"
                    + " vocabulary of the corpus="
                    + index.vocabularyHash()
                    + ", of the checkpoint="
                    + tokenizer.vocabularyHash()
                    + ", step="
                    + step,
                "Set data to the corpus the run began with, or choose another run folder"));
      }
    }
  }
}
