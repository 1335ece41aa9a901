package io.shardfire.driver.plan;

import io.shardfire.sharding.checkpoint.CheckpointStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The folder of a run: its checkpoints and metrics. */
public final class RunFolder {
  /** Name of the folder that holds the metrics. */
  public static final String METRICS = "metrics";

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

  /** What a run has left here: checkpoints, committed or not, and metrics. */
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
    content.sort(null);
    return content;
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
