package io.shardfire.jobs.session;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.worker.model.Gpt2Configuration;
import io.shardfire.worker.train.MemoryPlan;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** How large the heap of an executor must be. */
final class ExecutorMemory {
  private static final int SMALLEST_MIB = 1024;

  /** What Spark, the network and the token data take beside the planned arrays. */
  private static final long BESIDE_MIB = 640;

  /** G1 keeps each large array in whole regions and needs room to move the small objects. */
  private static final double FRAGMENTATION = 1.1;

  private static final int GRANULE_MIB = 128;
  private static final long MEBI = 1L << 20;

  private ExecutorMemory() {}

  /**
   * The heap in MiB that one of {@code ranks} ranks needs. Where the data cannot be read, a small
   * heap: the checks before the run then say what is wrong with the data.
   */
  static int mebibytes(PretrainConfiguration asked, int ranks) {
    int vocabulary =
        asked.model().vocabularySize() > 0
            ? asked.model().vocabularySize()
            : vocabularySize(new Path(asked.data()));
    if (vocabulary <= 0) {
      return SMALLEST_MIB;
    }
    Gpt2Configuration model = asked.model().withVocabularySize(vocabulary);
    return mebibytes(MemoryPlan.of(model, asked.training(), ranks).totalBytes());
  }

  static int mebibytes(long plannedBytes) {
    long needed = (long) Math.ceil(plannedBytes * FRAGMENTATION / MEBI) + BESIDE_MIB;
    long whole = (needed + GRANULE_MIB - 1) / GRANULE_MIB * GRANULE_MIB;
    return Math.toIntExact(Math.max(SMALLEST_MIB, whole));
  }

  private static int vocabularySize(Path data) {
    try (InputStream in =
        data.getFileSystem(new Configuration()).open(new Path(data, "index.json"))) {
      return new ObjectMapper().readTree(in).path("vocabularySize").asInt();
    } catch (IOException e) {
      return 0;
    }
  }
}
