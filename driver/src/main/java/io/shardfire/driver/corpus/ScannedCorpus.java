package io.shardfire.driver.corpus;

import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;

/**
 * The first pass over a corpus. Where it counts words, they wait on the disks of the executors for
 * those who add them up; closing frees these. Runs on the driver.
 *
 * @param parts what the tasks found
 * @param results in reading order; none failed
 * @param counted whether words were counted
 */
record ScannedCorpus(JavaRDD<PartScan> parts, List<ScanResult> results, boolean counted)
    implements AutoCloseable {
  /**
   * Reads everything once.
   *
   * @param lines to name the line of what is wrong with the text
   */
  static ScannedCorpus of(JavaRDD<CorpusPart> tasks, CorpusScan scan, LineNumbers lines) {
    JavaRDD<PartScan> parts = tasks.map(scan);
    boolean counted = scan.counting() != null;
    if (counted) {
      parts.persist(StorageLevel.DISK_ONLY());
    }
    List<ScanResult> results = parts.map(PartScan::result).collect();
    for (ScanResult result : results) {
      if (result.failure() != null) {
        parts.unpersist(false);
        throw lines.locate(result.failure());
      }
    }
    return new ScannedCorpus(parts, List.copyOf(results), counted);
  }

  /** The counted words of the parts, if they were counted. */
  Optional<JavaRDD<PartWords>> words() {
    return counted ? Optional.of(parts.map(PartScan::words)) : Optional.empty();
  }

  @Override
  public void close() {
    parts.unpersist(false);
  }
}
