package io.shardfire.jobs.session;

import io.shardfire.driver.plan.EmbeddedMaster;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RankHeap;
import org.apache.hadoop.conf.Configuration;

/** The executors on this machine that a job starts when no master is chosen. */
public final class StandardMaster {
  private static final int EXECUTORS = 2;
  private static final int CORES = 1;

  /** Spark itself, and the words and shards of one task. */
  private static final int PREPARE_MIB = 1024;

  private StandardMaster() {}

  /** Two executors of one core. */
  public static EmbeddedMaster forPreparing() {
    return new EmbeddedMaster(EXECUTORS, CORES, PREPARE_MIB);
  }

  /** One executor of one core per rank, two where the configuration leaves it open. */
  public static EmbeddedMaster forTraining(PretrainConfiguration asked) {
    int ranks = asked.cluster().ranks() == 0 ? EXECUTORS : asked.cluster().ranks();
    return new EmbeddedMaster(
        ranks, CORES, RankHeap.executorMebibytes(asked, ranks, new Configuration()));
  }
}
