package io.shardfire.jobs.session;

import io.shardfire.driver.plan.EmbeddedMaster;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RankHeap;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.ComputeException;
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
  public static EmbeddedMaster forTraining(PretrainConfiguration asked, Configuration hadoop) {
    int ranks = asked.cluster().ranks() == 0 ? EXECUTORS : asked.cluster().ranks();
    int mebibytes = RankHeap.executorMebibytes(asked, ranks, hadoop, hasOwnMemory(asked.device()));
    return new EmbeddedMaster(ranks, CORES, mebibytes);
  }

  /** The executors will run on this machine. */
  private static boolean hasOwnMemory(String device) {
    try {
      return ComputeDevice.select(device).type() != ComputeDevice.Type.CPU;
    } catch (ComputeException e) {
      // Left to the checks before the run, as all that is wrong with the request.
      return false;
    }
  }
}
