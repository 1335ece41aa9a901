package io.shardfire.jobs.session;

import io.shardfire.driver.corpus.CorpusPreparation;
import io.shardfire.driver.corpus.PrepareConfiguration;
import io.shardfire.driver.corpus.PrepareReport;
import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.driver.launch.FirstExecutor;
import io.shardfire.jobs.command.CommandException;
import io.shardfire.jobs.configuration.RunConfiguration;
import io.shardfire.jobs.output.PrepareProgress;
import io.shardfire.worker.data.CorpusProvenanceFile;
import io.shardfire.worker.data.TokenIndex;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Makes a corpus in the session of a job, on its own or before it is trained on. */
public final class CorpusMaking {
  private CorpusMaking() {}

  /**
   * Whether a run that prepares its corpus has to make it.
   *
   * @param data where it is to be
   * @return false where it is there and was made with the settings that the run has for it
   * @throws CommandException naming the settings with which another one there was made
   */
  public static boolean isDue(Configuration hadoop, String data, RunConfiguration effective)
      throws IOException {
    Path folder = new Path(data);
    if (!folder.getFileSystem(hadoop).exists(new Path(folder, TokenIndex.FILE))) {
      return true;
    }
    CorpusProvenanceFile provenance =
        CorpusProvenanceFile.read(hadoop, folder)
            .orElseThrow(
                () ->
                    new CommandException(
                        "The corpus does not say how it was made: data=%s. Leave out --prepare to train on it, or choose another data"
                            .formatted(data)));
    List<String> differences = new ArrayList<>();
    Map<String, String> made = provenance.settings();
    effective
        .prepare()
        .written()
        .forEach(
            (key, asked) -> {
              String there = made.getOrDefault(key, "unset");
              if (!there.equals(asked)) {
                differences.add("%s: corpus %s, asked %s".formatted(key, there, asked));
              }
            });
    if (!differences.isEmpty()) {
      throw new CommandException(
          "The corpus was made with other settings: data=%s %s. Leave out --prepare to train on it, choose another data, or make it anew with 'shardfire prepare --overwrite'"
              .formatted(data, String.join("; ", differences)));
    }
    return false;
  }

  /**
   * Makes it, and prints how far it is and what came of it.
   *
   * @param verbose whether the log has all that Spark says of failing tasks, at once
   */
  public static void run(
      JobSession session,
      PrepareConfiguration asked,
      BlockingCalls calls,
      Duration timeout,
      PrintWriter out,
      boolean verbose) {
    FirstExecutor.await(session.spark().sparkContext(), calls, timeout);
    PrepareProgress progress =
        new PrepareProgress(
            out,
            "the input and the folder of the output: input="
                + asked.source()
                + ", output="
                + asked.output());
    Optional<TaskFailureLog> failures =
        verbose ? Optional.empty() : Optional.of(TaskFailureLog.hold());
    PrepareReport report =
        calls.run(progress::awaited, () -> CorpusPreparation.run(session.spark(), asked, progress));
    failures.ifPresent(TaskFailureLog::release);
    progress.print(report);
  }
}
