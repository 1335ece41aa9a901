package io.shardfire.driver.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.apache.hadoop.fs.FileStatus;

/** Fills parts with slices, one after the other. Not thread-safe. */
final class PartAssembly {
  private final long targetBytes;
  private final BiFunction<FileStatus, Long, List<String>> hosts;
  private final List<CorpusPart> parts = new ArrayList<>();
  private final List<CorpusSlice> slices = new ArrayList<>();
  private List<String> preferred = List.of();
  private long bytes;

  /**
   * Starts with no parts.
   *
   * @param targetBytes a part ends when it reaches this
   * @param hosts where the bytes of a file from a position on are stored
   */
  PartAssembly(long targetBytes, BiFunction<FileStatus, Long, List<String>> hosts) {
    this.targetBytes = targetBytes;
    this.hosts = hosts;
  }

  /** Adds a file that must be read from its start to its end. */
  void whole(FileStatus file) {
    add(file, 0, Long.MAX_VALUE, file.getLen());
  }

  /** Adds a file that can be cut anywhere. */
  void cut(FileStatus file) {
    for (long start = 0; start < file.getLen(); ) {
      long length = Math.min(targetBytes - bytes, file.getLen() - start);
      add(file, start, start + length, length);
      start += length;
    }
  }

  private void add(FileStatus file, long start, long end, long length) {
    if (slices.isEmpty()) {
      // The first slice stands for the part: one question to the file system for each task.
      preferred = hosts.apply(file, start);
    }
    slices.add(new CorpusSlice(file.getPath().toString(), start, end));
    bytes += length;
    if (bytes >= targetBytes) {
      endPart();
    }
  }

  private void endPart() {
    parts.add(new CorpusPart(parts.size(), slices, preferred));
    slices.clear();
    bytes = 0;
  }

  /** All parts, in reading order. */
  List<CorpusPart> finish() {
    if (!slices.isEmpty()) {
      endPart();
    }
    return List.copyOf(parts);
  }
}
