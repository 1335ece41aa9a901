package io.shardfire.driver.corpus;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Finds the input files and shares them out over tasks. Files are read in the order of their
 * qualified paths, each once; the shares depend on the files alone. Runs on the driver.
 */
final class CorpusFiles {
  private static final long SMALLEST_TASK_BYTES = 4L << 20;
  private static final long LARGEST_TASK_BYTES = 256L << 20;
  private static final int AUTOMATIC_TASKS = 1024;

  private final Configuration configuration;

  CorpusFiles(Configuration configuration) {
    this.configuration = configuration;
  }

  /** Files with at least one byte, in reading order. */
  List<FileStatus> list(List<String> inputs) {
    NavigableMap<String, FileStatus> files = new TreeMap<>();
    for (String input : inputs) {
      try {
        for (FileStatus status : match(input)) {
          collect(status, files);
        }
      } catch (IOException | IllegalArgumentException e) {
        throw new CorpusException(
            "Cannot read input: input=%s reason=%s. Check the path and its permissions"
                .formatted(input, e.getMessage()),
            e);
      }
    }
    if (files.isEmpty()) {
      throw new CorpusException(
          "Empty corpus: input=%s files=0. Give files that hold text".formatted(inputs));
    }
    files.values().forEach(file -> InputStreams.check(file.getPath()));
    files.values().removeIf(file -> file.getLen() == 0);
    if (files.isEmpty()) {
      throw new CorpusException(
          "Empty corpus: input=%s bytes=0. Give files that hold text".formatted(inputs));
    }
    return List.copyOf(files.values());
  }

  private FileStatus[] match(String input) throws IOException {
    Path path = new Path(input);
    FileSystem fileSystem = path.getFileSystem(configuration);
    // A path may hold characters that globs use; it then means itself.
    try {
      return new FileStatus[] {fileSystem.getFileStatus(path)};
    } catch (FileNotFoundException e) {
      FileStatus[] matches = fileSystem.globStatus(path);
      if (matches == null || matches.length == 0) {
        throw new CorpusException(
            "No such input: input=%s. Check the path or glob".formatted(input), e);
      }
      return matches;
    }
  }

  private void collect(FileStatus status, NavigableMap<String, FileStatus> files)
      throws IOException {
    if (status.isFile()) {
      files.put(status.getPath().toString(), status);
      return;
    }
    FileSystem fileSystem = status.getPath().getFileSystem(configuration);
    RemoteIterator<LocatedFileStatus> inside = fileSystem.listLocatedStatus(status.getPath());
    while (inside.hasNext()) {
      FileStatus child = inside.next();
      String name = child.getPath().getName();
      if (!name.startsWith("_") && !name.startsWith(".")) {
        collect(child, files);
      }
    }
  }

  /** Cuts the files into parts of about {@code bytesPerTask} stored bytes (0: automatic). */
  List<CorpusPart> parts(Collection<FileStatus> files, DocumentMode mode, long bytesPerTask) {
    long total = files.stream().mapToLong(FileStatus::getLen).sum();
    long target =
        bytesPerTask > 0
            ? bytesPerTask
            : Math.min(LARGEST_TASK_BYTES, Math.max(SMALLEST_TASK_BYTES, total / AUTOMATIC_TASKS));
    InputStreams streams = new InputStreams(configuration);
    PartAssembly parts = new PartAssembly(target, this::hosts);
    for (FileStatus file : files) {
      if (mode.splittable() && streams.plain(file.getPath())) {
        parts.cut(file);
      } else {
        parts.whole(file);
      }
    }
    return parts.finish();
  }

  /** Where the bytes of a file from a position on are stored, as far as that is known. */
  private List<String> hosts(FileStatus file, long start) {
    try {
      FileSystem fileSystem = file.getPath().getFileSystem(configuration);
      BlockLocation[] blocks = fileSystem.getFileBlockLocations(file, start, 1);
      // File systems that know no hosts answer "localhost", which no task should wait for.
      return blocks == null || blocks.length == 0
          ? List.of()
          : Stream.of(blocks[0].getHosts()).filter(host -> !host.equals("localhost")).toList();
    } catch (IOException e) {
      throw new CorpusException(
          "Cannot read input: file=%s reason=%s. Check the path and its permissions"
              .formatted(file.getPath(), e.getMessage()),
          e);
    }
  }
}
