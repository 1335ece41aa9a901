package io.shardfire.driver.plan;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.CheckpointStore;
import io.shardfire.sharding.lease.LeaseClaim;
import io.shardfire.sharding.lease.LeaseFolder;
import io.shardfire.sharding.lease.Submission;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder of a run: its checkpoints and metrics. */
public final class RunFolder {
  /** Name of the folder that holds the metrics. */
  public static final String METRICS = "metrics";

  private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);
  private static final Pattern STEP = Pattern.compile("step-\\d{8,}");

  private final Configuration hadoop;
  private final Path path;

  private RunFolder(Configuration hadoop, Path path) {
    this.hadoop = hadoop;
    this.path = path;
  }

  /** A folder that may not exist yet. */
  public static RunFolder of(Configuration hadoop, String run) {
    return new RunFolder(hadoop, new Path(run));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** The checkpoints in it. */
  public CheckpointStore checkpoints() {
    return CheckpointStore.open(hadoop, path);
  }

  /** The leases by which a run owns it. */
  public LeaseFolder leases() throws IOException {
    return LeaseFolder.of(path.getFileSystem(hadoop), path);
  }

  /**
   * How a run begins here.
   *
   * @param last the newest claim of {@link #leases()}
   */
  public RunBeginning beginning(
      ExistingRun asked, Submission submission, Optional<LeaseClaim> last) {
    return RunBeginning.decide(asked, submission, last, runIds(), UUID.randomUUID().toString());
  }

  /** The run of every committed step; empty where its manifest names none or cannot be read. */
  private SortedMap<Long, String> runIds() {
    SortedMap<Long, String> runIds = new TreeMap<>();
    CheckpointStore checkpoints = checkpoints();
    for (long step : checkpoints.committedSteps()) {
      try {
        runIds.put(step, checkpoints.manifest(step).runId());
      } catch (CheckpointException e) {
        LOG.debug("Step {} has no manifest that can be read", step, e);
        runIds.put(step, "");
      }
    }
    return runIds;
  }

  /**
   * What a run has left here: checkpoints, committed or not, the newest first, then metrics. The
   * lease says who owns the folder and is no content.
   */
  public List<Path> content() throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    List<Path> content = new ArrayList<>();
    if (files.exists(path)) {
      for (FileStatus file : files.listStatus(path)) {
        String name = file.getPath().getName();
        if (STEP.matcher(name).matches() || name.equals(METRICS)) {
          content.add(file.getPath());
        }
      }
    }
    content.sort(Comparator.reverseOrder());
    return content;
  }

  /** Deletes the steps that another run has committed here. */
  public void clearOtherRuns(String runId) throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    for (Map.Entry<Long, String> step : runIds().entrySet()) {
      if (!step.getValue().equals(runId)) {
        files.delete(checkpoints().folder(step.getKey()), true);
      }
    }
  }

  /** Deletes what {@link #content()} lists, and nothing else. */
  public void clear() throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    for (Path item : content()) {
      files.delete(item, true);
    }
  }

  /**
   * Creates and deletes a small file. Creates no folder: where the run folder does not exist yet,
   * the nearest folder above it that does is tried.
   *
   * @throws IOException when that is not possible
   */
  public void probe() throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    Path existing = path;
    while (!files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!files.getFileStatus(existing).isDirectory()) {
      throw new IOException("Not a folder: " + existing);
    }
    Path probe = new Path(existing, ".shardfire-probe-" + UUID.randomUUID());
    files.create(probe, true).close();
    files.delete(probe, false);
  }
}
