package io.shardfire.driver.launch;

import io.shardfire.driver.report.RankReport;
import io.shardfire.sharding.transport.PeerAddress;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.resource.ResourceInformation;

/**
 * Where a rank finds itself after all ranks have met.
 *
 * @param peers every rank's address, by rank
 * @param resources that Spark has assigned to the rank, by name
 * @param reports to the driver; returns quickly
 * @param stopped whether Spark has ended this rank's task
 * @param stop whether the driver wants a checkpoint after the step under way, and then the end
 */
record RankSeat(
    int generation,
    int rank,
    List<PeerAddress> peers,
    String executorId,
    long processId,
    Configuration hadoop,
    Map<String, ResourceInformation> resources,
    Consumer<RankReport> reports,
    BooleanSupplier stopped,
    BooleanSupplier stop) {
  RankSeat {
    peers = List.copyOf(peers);
    resources = Map.copyOf(resources);
  }

  int worldSize() {
    return peers.size();
  }
}
