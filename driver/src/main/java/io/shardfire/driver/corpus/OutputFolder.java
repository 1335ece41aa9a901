package io.shardfire.driver.corpus;

import io.shardfire.sharding.checkpoint.PlainFiles;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenIndex;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The output while it is made: a hidden folder beside its final place, which it takes with one
 * rename. Readers therefore see the whole output, the old one or none, where the file system
 * renames folders atomically (local, HDFS); on object stores the index.json, moved with the rest,
 * is what a reader must find. Closing removes what was not committed. Not thread-safe; runs on the
 * driver.
 */
final class OutputFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OutputFolder.class);

  private final FileSystem fileSystem;
  private final Path output;
  private final boolean overwrite;
  private final Path building;
  private final Path unnamed;

  private OutputFolder(FileSystem fileSystem, Path output, boolean overwrite) {
    String id = UUID.randomUUID().toString();
    this.fileSystem = fileSystem;
    this.output = output;
    this.overwrite = overwrite;
    this.building = new Path(output.getParent(), "." + output.getName() + ".preparing-" + id);
    this.unnamed = new Path(building, "unnamed");
  }

  /**
   * Claims the place.
   *
   * @throws CorpusException when something stands there that may not be replaced, or when the
   *     folder cannot be made
   */
  static OutputFolder create(String output, boolean overwrite, Configuration configuration) {
    try {
      Path path = free(output, overwrite, configuration);
      FileSystem fileSystem = PlainFiles.fileSystem(configuration, path);
      OutputFolder folder = new OutputFolder(fileSystem, path, overwrite);
      if (!fileSystem.mkdirs(folder.unnamed)) {
        throw new IOException("mkdirs failed: " + folder.unnamed);
      }
      // For the JVM that is told to end; otherwise close() is in time.
      fileSystem.deleteOnExit(folder.building);
      return folder;
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw notWritable(output, e);
    }
  }

  /**
   * Looks at the place, and does not claim it.
   *
   * @throws CorpusException when something stands there that may not be replaced
   */
  static void requireFree(String output, boolean overwrite, Configuration configuration) {
    try {
      free(output, overwrite, configuration);
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw notWritable(output, e);
    }
  }

  private static Path free(String output, boolean overwrite, Configuration configuration)
      throws IOException {
    Path given = new Path(output);
    FileSystem fileSystem = PlainFiles.fileSystem(configuration, given);
    Path path = fileSystem.makeQualified(given);
    if (path.isRoot()) {
      throw new CorpusException(
          "Output is a root folder: output=%s. Give a folder below it".formatted(path));
    }
    checkFree(fileSystem, path, overwrite);
    return path;
  }

  private static void checkFree(FileSystem fileSystem, Path output, boolean overwrite)
      throws IOException {
    if (!fileSystem.exists(output)) {
      return;
    }
    if (!overwrite) {
      throw new CorpusException(
          "Output exists: output=%s. Choose another folder, or set overwrite (--overwrite)"
              .formatted(output));
    }
    boolean corpus =
        fileSystem.getFileStatus(output).isDirectory()
            && (fileSystem.exists(new Path(output, TokenIndex.FILE))
                || fileSystem.listStatus(output).length == 0);
    if (!corpus) {
      throw new CorpusException(
          "Output is not a prepared corpus and is not overwritten: output=%s. Choose another folder,"
                  .formatted(output)
              + " or remove this one yourself");
    }
  }

  /** For a file system that refuses. */
  static CorpusException notWritable(String output, Throwable cause) {
    return TransientCorpusException.unlessFinal(
        "Cannot write output: output=%s reason=%s. Check the path, its permissions and free space"
            .formatted(output, Reason.of(cause)),
        cause);
  }

  /** Qualified final place. */
  Path path() {
    return output;
  }

  /** Where tasks write shards. */
  Path unnamed() {
    return unnamed;
  }

  /** Where documents are staged that are no files of text; gone when the output is complete. */
  Path staging() {
    return new Path(unnamed, "rows");
  }

  /** Gives a file that a task wrote its final name. */
  void adopt(String unnamedFile, String name) {
    Path from = new Path(unnamed, unnamedFile);
    try {
      if (!fileSystem.exists(from)) {
        throw new CorpusException(
            "A shard that a task wrote is missing: file=%s. Choose an output on a file system that"
                    .formatted(from)
                + " all executors share");
      }
      rename(from, new Path(building, name));
    } catch (IOException e) {
      throw notWritable(output.toString(), e);
    }
  }

  /** Writes a text file. */
  void write(String name, String text) {
    try (OutputStream out = fileSystem.create(new Path(building, name), false)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException | FSError e) {
      throw notWritable(output.toString(), e);
    }
  }

  /** Writes the index, which makes the folder a corpus. */
  void writeLast(TokenIndex index, Configuration configuration) {
    try {
      index.write(configuration, building);
    } catch (DataException | FSError e) {
      throw notWritable(output.toString(), e);
    }
  }

  /** Moves the folder to its place; an output that stood there is removed afterwards. */
  void commit() {
    try {
      fileSystem.delete(unnamed, true);
      // Somebody else may have put something there meanwhile.
      checkFree(fileSystem, output, overwrite);
      if (!fileSystem.exists(output)) {
        rename(building, output);
        return;
      }
      Path replaced = building.suffix("-replaced");
      rename(output, replaced);
      try {
        rename(building, output);
      } catch (IOException e) {
        if (!fileSystem.rename(replaced, output)) {
          LOG.warn("Cannot put the old output back: it is kept at path={}", replaced);
        }
        throw e;
      }
      fileSystem.delete(replaced, true);
    } catch (IOException e) {
      throw notWritable(output.toString(), e);
    }
  }

  private void rename(Path from, Path to) throws IOException {
    if (!fileSystem.rename(from, to)) {
      throw new IOException("rename failed: from=%s to=%s".formatted(from, to));
    }
  }

  /** Removes the temporary folder, if it is still there. */
  @Override
  public void close() {
    try {
      fileSystem.delete(building, true);
      fileSystem.cancelDeleteOnExit(building);
    } catch (IOException e) {
      LOG.warn("Cannot remove the temporary folder: path={}. Remove it by hand", building, e);
    }
  }
}
