package io.shardfire.driver.plan;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.resume.RunSettings;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/** The folder of the run: writable, and free, to be overwritten, or to be resumed. */
final class RunFolderChecks {
  private RunFolderChecks() {}

  /**
   * Where the run would begin; empty when a problem keeps it from that.
   *
   * @param settings of the run, as far as they are known
   * @param model with its vocabulary size, when that is known
   */
  static Optional<RunStart> check(
      PretrainConfiguration configuration,
      RunFolder folder,
      RunSettings settings,
      Optional<ModelConfiguration> model,
      List<Problem> problems) {
    try {
      folder.probe();
      List<String> content = folder.content().stream().map(Path::getName).toList();
      return switch (configuration.existingRun()) {
        case RESUME ->
            new ResumeChecks(configuration, folder.checkpoints(), problems).check(settings, model);
        case OVERWRITE ->
            Optional.of(content.isEmpty() ? new RunStart.Fresh() : new RunStart.Overwrite(content));
        case REFUSE -> unused(configuration, content, problems);
      };
    } catch (IOException | IllegalArgumentException e) {
      problems.add(
          new Problem(
              "The run folder cannot be written: run=" + configuration.run() + ": " + reason(e),
              "Set run to a folder that this user may write"));
      return Optional.empty();
    }
  }

  private static Optional<RunStart> unused(
      PretrainConfiguration configuration, List<String> content, List<Problem> problems) {
    if (content.isEmpty()) {
      return Optional.of(new RunStart.Fresh());
    }
    problems.add(
        new Problem(
            "The run folder already holds a run: run="
                + configuration.run()
                + ", found="
                + content.get(0),
            "Choose another run folder, or give --resume to go on or --overwrite to start anew"));
    return Optional.empty();
  }

  /** Hadoop's exceptions carry whole stack traces in their messages now and then. */
  private static String reason(Exception e) {
    return e.getClass().getSimpleName()
        + ": "
        + String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
  }
}
