package io.shardfire.driver.launch;

/** Asks the cluster manager to kill an executor and to start another in its place. */
@FunctionalInterface
interface ExecutorKiller {
  /**
   * Returns whether the cluster manager has taken the request. From then on Spark gives the
   * executor no more tasks, whether or not its process has ended.
   */
  boolean killAndReplace(String executorId);
}
