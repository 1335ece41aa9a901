package io.shardfire.driver.launch;

import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.report.FailureKind;
import io.shardfire.driver.report.RankReport;
import io.shardfire.driver.report.ReportSender;
import io.shardfire.sharding.transport.NetworkConfiguration;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.Iterator;
import scala.collection.Iterator$;
import scala.runtime.AbstractFunction1;

/**
 * The barrier task of one rank: opens the endpoint, meets the other ranks, runs the body to its end
 * and reports a failure before it closes the endpoint. One instance per generation travels to the
 * executors.
 */
final class RankTask extends AbstractFunction1<Iterator<Integer>, Iterator<RankOutcome>>
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RankTask.class);

  private final int generation;
  private final RankBody body;
  private final ReportChannel channel;
  private final ClusterConfiguration cluster;

  RankTask(int generation, RankBody body, ReportChannel channel, ClusterConfiguration cluster) {
    this.generation = generation;
    this.body = body;
    this.channel = channel;
    this.cluster = cluster;
  }

  @Override
  public Iterator<RankOutcome> apply(Iterator<Integer> partition) {
    BarrierTaskContext context = BarrierTaskContext.get();
    SparkEnv environment = SparkEnv.get();
    NetworkConfiguration network = SparkNetwork.ofExecutor(environment, cluster);
    try (RankSession session = body.open(network)) {
      RankPlace place =
          new RankPlace(context.partitionId(), environment.executorId(), session.address());
      List<RankPlace> places = RankPlace.byRank(context.allGather(place.toJson()));
      RankOutcome outcome = run(session, context, environment, network, place, places);
      return Iterator$.MODULE$.single(outcome);
    }
  }

  /** Runs the body; when it fails, the driver has the report before the endpoint is closed. */
  private RankOutcome run(
      RankSession session,
      BarrierTaskContext context,
      SparkEnv environment,
      NetworkConfiguration network,
      RankPlace place,
      List<RankPlace> places) {
    int rank = place.rankIn(places);
    long processId = ProcessHandle.current().pid();
    AtomicBoolean started = new AtomicBoolean();
    AtomicBoolean stop = new AtomicBoolean();
    try (ReportSender sender =
        ReportSender.start(
            channel.open(network, generation, rank, () -> stop.set(true)),
            cluster.networkTimeout(),
            rank)) {
      Consumer<RankReport> reports =
          report -> {
            if (report instanceof RankReport.Started) {
              started.set(true);
            }
            sender.post(report);
          };
      RankSeat seat =
          new RankSeat(
              generation,
              rank,
              places.stream().map(RankPlace::address).toList(),
              place.executorId(),
              processId,
              SparkHadoopUtil.get().newConfiguration(environment.conf()),
              context.resourcesJMap(),
              reports,
              context::isInterrupted,
              stop::get);
      try {
        return session.run(seat);
      } catch (RuntimeException | Error e) {
        boolean stopped = Thread.interrupted() || context.isInterrupted();
        RankReport.Failed failed =
            RankFailures.describe(
                e, started.get(), stopped, place.address().host(), place.executorId(), processId);
        boolean told = postTo(sender, failed, e);
        // An error of the JVM goes on as it is: Spark ends the executor for it.
        if (told && e instanceof RuntimeException) {
          throw new RankEndedException(rank, failed);
        }
        throw e;
      }
    }
  }

  private static boolean postTo(ReportSender sender, RankReport.Failed failed, Throwable cause) {
    if (failed.kind() == FailureKind.RANK) {
      LOG.warn("This rank ends by a fault of the program", cause);
    }
    try {
      sender.postLast(failed);
      return true;
    } catch (IllegalStateException e) {
      cause.addSuppressed(e);
      return false;
    }
  }
}
