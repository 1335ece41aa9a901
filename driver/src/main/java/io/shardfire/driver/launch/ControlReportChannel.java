package io.shardfire.driver.launch;

import io.shardfire.driver.report.RankReport;
import io.shardfire.driver.report.ReportCodec;
import io.shardfire.driver.report.ReportSink;
import io.shardfire.sharding.transport.ControlClient;
import io.shardfire.sharding.transport.NetworkConfiguration;
import io.shardfire.sharding.transport.PeerAddress;

/** Reports over the control channel to the driver at {@code host:port}. */
record ControlReportChannel(String host, int port) implements ReportChannel {
  /** The driver's word that the run is to stop. */
  static final String STOP = "stop";

  @Override
  public ReportSink open(NetworkConfiguration network, int generation, int rank, Runnable stop) {
    ControlClient client = ControlClient.connect(network, new PeerAddress(host, port));
    return new ReportSink() {
      @Override
      public void send(RankReport report) {
        if (client.send(ReportCodec.encode(generation, rank, report)).equals(STOP)) {
          stop.run();
        }
      }

      @Override
      public void close() {
        client.close();
      }
    };
  }
}
