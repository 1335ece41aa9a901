package io.shardfire.driver.launch;

import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills executors by way of the application's cluster manager, with what Spark itself uses for an
 * executor that sends no heartbeats. {@code SparkContext.killExecutors}, the developer's interface,
 * would also lower the number of executors that the application asks for; on a standalone cluster,
 * where that number is open at first, it would then stay limited to one or two.
 */
record SparkExecutorKiller(SparkContext spark) implements ExecutorKiller {
  private static final Logger LOG = LoggerFactory.getLogger(SparkExecutorKiller.class);

  @Override
  public boolean killAndReplace(String executorId) {
    try {
      return spark.killAndReplaceExecutor(executorId);
    } catch (Exception e) {
      // Spark's SparkException is checked, and being Scala, the method does not declare it.
      LOG.warn("Cannot ask for executor {} to be killed: {}", executorId, e.getMessage());
      LOG.debug("Cannot ask for executor {} to be killed", executorId, e);
      return false;
    }
  }
}
