package io.shardfire.driver.launch;

import io.shardfire.driver.report.ReportSink;
import io.shardfire.sharding.transport.NetworkConfiguration;
import java.io.Serializable;

/** How a rank reaches the driver; travels to the executors. */
interface ReportChannel extends Serializable {
  /**
   * Connects.
   *
   * @param stop called when the driver wants the run to stop, by the thread that sends reports and
   *     perhaps several times
   */
  ReportSink open(NetworkConfiguration network, int generation, int rank, Runnable stop);
}
