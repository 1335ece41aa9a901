package io.shardfire.jobs.command;

import io.shardfire.driver.plan.ExistingRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Options of the pretrain job. */
public final class PretrainOptions {
  @Option(names = "--data", paramLabel = "FOLDER", description = "${bundle:data}")
  private String data;

  @Option(names = "--run", paramLabel = "FOLDER", description = "${bundle:run}")
  private String run;

  @Option(names = "--from", paramLabel = "FOLDER", description = "${bundle:from}")
  private String from;

  @ArgGroup private Existing existing = new Existing();

  @Option(
      names = "--allow-change",
      paramLabel = "KEY",
      split = ",",
      description = {
        "With --resume: let this setting differ from the checkpoint's,",
        "such as training.learningRate. May be repeated."
      })
  private List<String> allowedChanges = new ArrayList<>();

  @Option(
      names = "--submission-id",
      paramLabel = "ID",
      defaultValue = "${env:SHARDFIRE_SUBMISSION_ID}",
      description = {
        "The same for every attempt of one request: a later attempt goes on with what an earlier"
            + " one has written, also with --overwrite. Default: the variable"
            + " SHARDFIRE_SUBMISSION_ID, else the application's id on YARN and Kubernetes in"
            + " cluster mode.",
        "For a systemd service that restarts, or a Kubernetes Job in client mode, set the variable"
            + " to what is new for every request and the same in its restarts, such as the Job's"
            + " uid."
      })
  private String submissionId;

  @Option(
      names = "--prepare",
      description = {
        "Make the corpus first, in the same Spark application, as the section prepare of the"
            + " configuration says, if it is not in the folder data yet. One that is there must have"
            + " been made with the same settings."
      })
  private boolean prepare;

  @Option(
      names = "--dry-run",
      description = {
        "Check everything and print the plan; train nothing, write nothing. With --prepare and no"
            + " corpus yet: what can be known without, and what would be made."
      })
  private boolean dryRun;

  /** What to do with a run folder that holds a run; at most one of the two. */
  private static final class Existing {
    @Option(names = "--resume", description = "Go on from the newest valid checkpoint.")
    private boolean resume;

    @Option(
        names = "--overwrite",
        description =
            "Delete the run that is in the run folder, unless an earlier attempt of this submission"
                + " began it.")
    private boolean overwrite;
  }

  /** The options that stand for settings, by path. */
  public SortedMap<String, Object> settings() {
    SortedMap<String, Object> settings = new TreeMap<>();
    if (data != null) {
      settings.put("data", data);
    }
    if (run != null) {
      settings.put("run", run);
    }
    if (from != null) {
      settings.put("from", from);
    }
    return settings;
  }

  /** What to do with a run folder that holds a run. */
  public ExistingRun existingRun() {
    if (existing.resume) {
      return ExistingRun.RESUME;
    }
    return existing.overwrite ? ExistingRun.OVERWRITE : ExistingRun.REFUSE;
  }

  /** Keys of settings in which a resumed run may differ from its checkpoint. */
  public List<String> allowedChanges() {
    return List.copyOf(allowedChanges);
  }

  /** What all attempts of one request have in common; empty when that is not given. */
  public Optional<String> submissionId() {
    return Optional.ofNullable(submissionId).filter(id -> !id.isBlank());
  }

  /** Whether to make the corpus where it is not there. */
  public boolean prepare() {
    return prepare;
  }

  /** Whether to check only. */
  public boolean dryRun() {
    return dryRun;
  }
}
