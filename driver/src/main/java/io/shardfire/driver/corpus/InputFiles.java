package io.shardfire.driver.corpus;

import java.util.List;
import org.apache.hadoop.fs.FileStatus;

/**
 * What the input leads to.
 *
 * @param read files with at least one byte, in reading order
 * @param skipped what is not read, in the order of paths
 */
record InputFiles(List<FileStatus> read, List<SkippedInput> skipped) {
  InputFiles {
    read = List.copyOf(read);
    skipped = List.copyOf(skipped);
  }
}
