package io.shardfire.sharding.checkpoint;

import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The checkpoints of one run folder, on any Hadoop file system. */
public final class CheckpointStore {
  private CheckpointStore() {}

  /** Opens a run folder (which may not exist yet). */
  public static CheckpointStore open(Configuration configuration, Path run) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The folder of a step: {@code step-00001000}. */
  public Path folder(long step) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Steps with a manifest, ascending. */
  public List<Long> committedSteps() {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * The newest step whose files all have the sizes and hashes of the manifest; damaged ones are
   * logged and passed over.
   */
  public Optional<Long> newestValid() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Reads the manifest of a step. */
  public Manifest manifest(long step) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Problems of one step, one line each naming the file, expected and actual; empty when valid. */
  public List<String> verify(long step) {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * Deletes all but the newest {@code keep} valid steps, and uncommitted folders older than the
   * newest valid step.
   */
  public void retain(int keep) {
    throw new UnsupportedOperationException("skeleton");
  }
}
