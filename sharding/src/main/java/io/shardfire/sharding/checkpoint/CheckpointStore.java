package io.shardfire.sharding.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one run folder, on any Hadoop file system. A step exists once its manifest
 * does:
 *
 * <pre>
 *   &lt;run&gt;/step-00001000/
 *       model.safetensors                                  weights, when they fit in one file, or
 *       model-00001-of-0000K.safetensors ...               weights, K files, and
 *       model.safetensors.index.json                       which tensor is in which of them
 *       optimizer-00000-of-0000N.safetensors ...           moments, as slices of units
 *       config.json  tokenizer.json  trainer.json  ...     documents
 *       manifest.json                                      sizes and hashes of all these, last
 * </pre>
 *
 * <p>Thread-safe. Whoever writes steps does so alone: one {@link CheckpointWriter} group at a time.
 */
public final class CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
  private static final Pattern FOLDER = Pattern.compile("step-(\\d{8,18})");

  private final FileSystem files;
  private final Path run;

  /** Steps whose hashes this store has compared or written; only their sizes are compared again. */
  private final Set<Long> trusted = ConcurrentHashMap.newKeySet();

  private CheckpointStore(FileSystem files, Path run) {
    this.files = files;
    this.run = run;
  }

  /** Opens a run folder (which may not exist yet). */
  public static CheckpointStore open(Configuration configuration, Path run) {
    return of(PlainFiles.fileSystem(configuration, run), run);
  }

  static CheckpointStore of(FileSystem files, Path run) {
    return new CheckpointStore(files, run);
  }

  /** The run folder. */
  public Path run() {
    return run;
  }

  FileSystem files() {
    return files;
  }

  /** The folder of a step: {@code step-00001000}. */
  public Path folder(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("Steps count from 0: step=" + step);
    }
    return new Path(run, String.format(Locale.ROOT, "step-%08d", step));
  }

  /** The checkpoint of a step, to be read. */
  public CheckpointFolder checkpoint(long step) {
    return new CheckpointFolder(files, folder(step));
  }

  /** Steps with a manifest, ascending. */
  public List<Long> committedSteps() {
    List<Long> committed = new ArrayList<>();
    for (long step : folders()) {
      if (isCommitted(step)) {
        committed.add(step);
      }
    }
    return List.copyOf(committed);
  }

  /** Whether a step has a manifest. */
  public boolean isCommitted(long step) {
    return at(step).isCommitted();
  }

  /**
   * The newest step whose files all have the sizes and hashes of the manifest; damaged ones are
   * logged and passed over.
   */
  public Optional<Long> newestValid() {
    List<Long> committed = committedSteps();
    for (int i = committed.size() - 1; i >= 0; i--) {
      long step = committed.get(i);
      List<String> problems = verify(step);
      if (problems.isEmpty()) {
        return Optional.of(step);
      }
      problems.forEach(
          problem -> LOG.warn("Passing over checkpoint of step {}: {}", step, problem));
    }
    return Optional.empty();
  }

  /**
   * Reads the manifest of a step.
   *
   * @throws CheckpointException when the step is not committed or its manifest is damaged
   */
  public Manifest manifest(long step) {
    try {
      return at(step).manifest();
    } catch (FileNotFoundException e) {
      throw new CheckpointException(
          "No committed checkpoint of this step: step="
              + step
              + ", missing file="
              + new Path(folder(step), Manifest.FILE)
              + ", committed steps="
              + committedSteps(),
          e);
    }
  }

  /**
   * Problems of one step, one line each naming the file, expected and actual; empty when valid.
   * Reads every file whole.
   */
  public List<String> verify(long step) {
    List<String> problems = at(step).problems(true);
    if (problems.isEmpty()) {
      trusted.add(step);
    } else {
      trusted.remove(step);
    }
    return problems;
  }

  /**
   * As {@link #verify}, but only sizes are compared for steps that this store has verified or
   * written before.
   */
  public List<String> verifyOnce(long step) {
    return trusted.contains(step) ? at(step).problems(false) : verify(step);
  }

  /**
   * Deletes all but the newest {@code keep} valid steps, and uncommitted folders older than the
   * newest valid step. Nothing newer than the newest valid step is touched, as it may be under way;
   * so nothing at all is deleted while no step is valid.
   */
  public void retain(int keep) {
    if (keep < 1) {
      throw new IllegalArgumentException("At least one checkpoint is kept: keep=" + keep);
    }
    List<Long> folders = folders();
    OptionalLong newest = OptionalLong.empty();
    int kept = 0;
    for (int i = folders.size() - 1; i >= 0; i--) {
      long step = folders.get(i);
      boolean valid = kept < keep && isCommitted(step) && verifyOnce(step).isEmpty();
      if (valid) {
        kept++;
        newest = newest.isPresent() ? newest : OptionalLong.of(step);
      } else if (newest.isPresent()) {
        LOG.info("Deleting checkpoint folder {}", folder(step));
        delete(step);
      }
    }
  }

  /** The step is not committed yet, or no longer to be trusted; see {@link StepFolder#prepare}. */
  void prepare(long step) {
    trusted.remove(step);
    at(step).prepare();
  }

  /** Commits a step, whose hashes are known to be right as they were taken while writing. */
  void commit(Manifest manifest) {
    at(manifest.step()).commit(manifest);
    trusted.add(manifest.step());
  }

  void delete(long step) {
    trusted.remove(step);
    at(step).delete();
  }

  /** The folder of a step, to write into. */
  StepFolder at(long step) {
    return new StepFolder(files, folder(step), step);
  }

  /** All step folders, ascending. */
  private List<Long> folders() {
    List<Long> steps = new ArrayList<>();
    try {
      for (FileStatus status : files.listStatus(run)) {
        Matcher matcher = FOLDER.matcher(status.getPath().getName());
        if (status.isDirectory() && matcher.matches()) {
          steps.add(Long.parseLong(matcher.group(1)));
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw StepFolder.failed("listed", run, e);
    }
    steps.sort(null);
    return steps;
  }
}
