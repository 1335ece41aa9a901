package io.shardfire.sharding.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A folder that may hold a checkpoint, under any name and in any place: a step of a run, or a copy
 * of one. What it holds is told by its manifest alone. {@link CheckpointStore} draws the content.
 */
public final class CheckpointFolder {
  private static final int LARGEST_MANIFEST = 1 << 26;

  private final FileSystem files;
  private final Path path;

  CheckpointFolder(FileSystem files, Path path) {
    this.files = Objects.requireNonNull(files, "files");
    this.path = Objects.requireNonNull(path, "path");
  }

  /** A folder, which may not exist. */
  public static CheckpointFolder of(Configuration configuration, Path path) {
    return new CheckpointFolder(PlainFiles.fileSystem(configuration, path), path);
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  FileSystem files() {
    return files;
  }

  /** Whether it has a manifest, and so holds a checkpoint that was finished. */
  public boolean isCommitted() {
    return has(Manifest.FILE);
  }

  /**
   * Whether it has a file of this name.
   *
   * @throws CheckpointException when that cannot be found out
   */
  public boolean has(String name) {
    try {
      return PlainFiles.exists(files, new Path(path, name));
    } catch (IOException e) {
      throw StepFolder.failed("read", path, e);
    }
  }

  /**
   * Whether it holds files that only checkpoints have, but no manifest: writing it was not
   * finished, or the manifest was not copied.
   */
  public boolean isUnfinished() {
    if (isCommitted()) {
      return false;
    }
    try {
      for (var file : files.listStatus(path)) {
        String name = file.getPath().getName();
        if (MomentFiles.isName(name) || name.equals("trainer.json")) {
          return true;
        }
      }
      return false;
    } catch (FileNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw StepFolder.failed("listed", path, e);
    }
  }

  /**
   * Reads the manifest, which says the step.
   *
   * @throws FileNotFoundException when there is none
   * @throws CheckpointException when it is damaged
   */
  public Manifest manifest() throws FileNotFoundException {
    Path file = manifestPath();
    try {
      return Manifest.parse(file.toString(), PlainFiles.readText(files, file, LARGEST_MANIFEST));
    } catch (FileNotFoundException e) {
      throw e;
    } catch (IOException e) {
      throw StepFolder.failed("read", file, e);
    }
  }

  /**
   * Compares every file with the manifest; reads all of them whole.
   *
   * @return one line per problem, naming the file, expected and actual
   */
  public List<String> verify() {
    try {
      return problems(manifest(), true);
    } catch (FileNotFoundException e) {
      return List.of(missingManifest());
    } catch (CheckpointException e) {
      return List.of(e.getMessage());
    }
  }

  /** As {@link #verify}, for a manifest that was read; hashes only when asked for. */
  List<String> problems(Manifest manifest, boolean hashes) {
    List<String> problems = new ArrayList<>();
    for (Manifest.Entry entry : manifest.files()) {
      Path file = new Path(path, entry.name());
      try {
        long bytes = files.getFileStatus(file).getLen();
        if (bytes != entry.bytes()) {
          problems.add(
              "file=" + file + ", expected bytes=" + entry.bytes() + ", actual bytes=" + bytes);
        } else if (hashes) {
          String actual = HashedFile.sha256(files, file);
          if (!actual.equals(entry.sha256())) {
            problems.add(
                "file="
                    + file
                    + ", expected sha256="
                    + entry.sha256()
                    + ", actual sha256="
                    + actual);
          }
        }
      } catch (FileNotFoundException e) {
        problems.add("file=" + file + ", expected bytes=" + entry.bytes() + ", actual=missing");
      } catch (IOException e) {
        problems.add("file=" + file + ", cannot be read: " + e.getMessage());
      }
    }
    return List.copyOf(problems);
  }

  String missingManifest() {
    return "file=" + manifestPath() + ", actual=missing";
  }

  Path manifestPath() {
    return new Path(path, Manifest.FILE);
  }
}
