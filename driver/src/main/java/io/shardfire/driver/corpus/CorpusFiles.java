package io.shardfire.driver.corpus;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

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

  /** Files with at least one byte, in reading order, and what is left out. */
  InputFiles list(List<String> inputs) {
    InputListing listing = new InputListing(configuration);
    InputFiles files =
        attempt(
            inputs,
            () -> {
              for (String input : inputs) {
                attempt(
                    input,
                    () -> {
                      listing.add(input);
                      return null;
                    });
              }
              return listing.finish();
            });
    files.read().forEach(file -> InputStreams.check(file.getPath()));
    if (files.read().isEmpty()) {
      throw new CorpusException(
          "Empty corpus: input=%s files=0%s. Give files that hold text"
              .formatted(inputs, files.skipped().isEmpty() ? "" : " skipped=" + files.skipped()));
    }
    return files;
  }

  /** Listing a file system. */
  @FunctionalInterface
  private interface Listing<T> {
    T run() throws IOException;
  }

  private static <T> T attempt(Object input, Listing<T> listing) {
    try {
      return listing.run();
    } catch (IOException | IllegalArgumentException e) {
      throw new CorpusException(
          "Cannot read input: input=%s reason=%s. Check the path and its permissions"
              .formatted(input, Reason.of(e)),
          e);
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
              .formatted(file.getPath(), Reason.of(e)),
          e);
    }
  }
}
