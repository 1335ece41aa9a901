package io.shardfire.sharding.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder of one step; {@link CheckpointStore} draws its content. */
record StepFolder(FileSystem files, Path path, long step) {
  private static final Logger LOG = LoggerFactory.getLogger(StepFolder.class);

  private CheckpointFolder folder() {
    return new CheckpointFolder(files, path);
  }

  boolean isCommitted() {
    return folder().isCommitted();
  }

  /**
   * Reads the manifest.
   *
   * @throws FileNotFoundException when the step is not committed
   * @throws CheckpointException when the manifest is damaged or of another step
   */
  Manifest manifest() throws FileNotFoundException {
    Manifest manifest = folder().manifest();
    if (manifest.step() != step) {
      throw new CheckpointException(
          "Checkpoint manifest is of another step: file="
              + manifestPath()
              + ", expected step="
              + step
              + ", actual step="
              + manifest.step());
    }
    return manifest;
  }

  /** One line per problem, naming the file, expected and actual; hashes only when asked for. */
  List<String> problems(boolean hashes) {
    try {
      return folder().problems(manifest(), hashes);
    } catch (FileNotFoundException e) {
      return List.of(folder().missingManifest());
    } catch (CheckpointException e) {
      return List.of(e.getMessage());
    }
  }

  /**
   * Makes the folder, empty. What an interrupted or a damaged checkpoint has left there is deleted.
   */
  void prepare() {
    try {
      if (PlainFiles.exists(files, path)) {
        LOG.warn(
            "Replacing {} checkpoint folder {}",
            isCommitted() ? "an earlier" : "an unfinished",
            path);
        delete();
      }
      if (!files.mkdirs(path)) {
        throw new IOException("mkdirs refused");
      }
    } catch (IOException e) {
      throw failed("created", path, e);
    }
  }

  /** Writes a file; the step is not committed yet. */
  Manifest.Entry write(String name, HashedFile.Content content) {
    return HashedFile.write(files, new Path(path, name), content);
  }

  /** Commits: all files are in place. */
  void commit(Manifest manifest) {
    try {
      PlainFiles.writeAtomically(
          files, manifestPath(), manifest.json().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw failed("committed", manifestPath(), e);
    }
  }

  /** Deletes the folder, its manifest first, so that at no time a part of it looks committed. */
  void delete() {
    try {
      files.delete(manifestPath(), false);
      files.delete(path, true);
      if (PlainFiles.exists(files, path)) {
        throw new IOException("the folder is still there");
      }
    } catch (IOException e) {
      throw failed("deleted", path, e);
    }
  }

  static CheckpointException failed(String what, Path path, IOException e) {
    return new CheckpointException(
        "Checkpoint path cannot be " + what + ": path=" + path + ", problem=" + e.getMessage(), e);
  }

  private Path manifestPath() {
    return folder().manifestPath();
  }
}
