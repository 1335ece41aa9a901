package io.shardfire.driver.launch;

import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.FailureLog;
import io.shardfire.driver.recovery.Generation;
import io.shardfire.driver.recovery.GenerationEnd;
import io.shardfire.driver.recovery.GenerationLauncher;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Runs a generation as one Spark job of one barrier stage, a task per rank. */
final class BarrierLauncher implements GenerationLauncher<RankOutcome> {
  private static final Logger LOG = LoggerFactory.getLogger(BarrierLauncher.class);

  /**
   * How long the cluster manager may take to say why an executor is gone: at once in a standalone
   * cluster, some heartbeats of the application master on YARN.
   */
  private static final Duration CAUSE_TIMEOUT = Duration.ofSeconds(20);

  /**
   * Ranks that are well notice within a step that Spark has stopped them, and where a process has
   * ended, Kubernetes may take 30 seconds to say so.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  /** The slowest are pods, which get 30 seconds to end by themselves. */
  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(60);

  /** Spark's listener bus delivers at once, unless the driver is short of processor time. */
  private static final Duration EVENT_TIMEOUT = Duration.ofSeconds(30);

  /** Whoever stops the run waits for it. */
  private static final Duration CANCEL_TIMEOUT = Duration.ofSeconds(10);

  private final JavaSparkContext spark;
  private final String jobGroup;
  private final ExecutorWatch watch;
  private final DriverReports reports;
  private final ReportChannel channel;
  private final ClusterConfiguration cluster;
  private final Function<Generation, RankBody> bodies;
  private final BooleanSupplier cancelled;
  private final HungExecutors hung;

  /**
   * @param jobGroup under which the job can be cancelled
   * @param bodies what the ranks of a generation do
   */
  BarrierLauncher(
      JavaSparkContext spark,
      String jobGroup,
      ExecutorWatch watch,
      DriverReports reports,
      ReportChannel channel,
      ClusterConfiguration cluster,
      Function<Generation, RankBody> bodies,
      BooleanSupplier cancelled) {
    this.spark = spark;
    this.jobGroup = jobGroup;
    this.watch = watch;
    this.reports = reports;
    this.channel = channel;
    this.cluster = cluster;
    this.bodies = bodies;
    this.cancelled = cancelled;
    this.hung =
        new HungExecutors(
            watch, new SparkExecutorKiller(spark.sc()), PATIENCE, KILL_TIMEOUT, cancelled);
  }

  @Override
  public GenerationEnd<RankOutcome> run(Generation generation) {
    FailureLog failures = new FailureLog();
    watch.begin(jobGroup, failures);
    reports.begin(generation.number(), failures);
    RankTask task = new RankTask(generation.number(), bodies.apply(generation), channel, cluster);
    try {
      List<RankOutcome> outcomes = collect(generation, task);
      return new GenerationEnd.Completed<>(
          outcomes.stream().min(Comparator.comparingInt(RankOutcome::rank)).orElseThrow());
    } catch (Exception e) {
      // Spark's SparkException is checked, and being Scala, collect does not declare it.
      LOG.debug("Generation {} has ended early", generation.number(), e);
      return failed(failures, String.valueOf(e.getMessage()));
    }
  }

  /** The causes are compared only when every rank has ended, and so has reported if it could. */
  private GenerationEnd<RankOutcome> failed(FailureLog failures, String sparkMessage) {
    if (!watch.awaitHeard(spark.sc().listenerBus()::post, EVENT_TIMEOUT)) {
      LOG.warn(
          "Spark's listener bus is {} seconds behind; the cause may be incomplete",
          EVENT_TIMEOUT.toSeconds());
    }
    Optional<String> obstacle = endOfRanks(failures);
    boolean moreMayCome = !failures.all().isEmpty() || sparkMessage.contains("ExecutorLostFailure");
    if (moreMayCome && !cancelled.getAsBoolean()) {
      watch.awaitCause(CAUSE_TIMEOUT);
    }
    Failure cause = failures.rootCause(new Failure.JobFailed(firstLine(sparkMessage)));
    return new GenerationEnd.Failed<>(cause, obstacle);
  }

  private Optional<String> endOfRanks(FailureLog failures) {
    if (cancelled.getAsBoolean()) {
      watch.awaitNoTasks(CANCEL_TIMEOUT);
      return Optional.empty();
    }
    return hung.end(failures);
  }

  private List<RankOutcome> collect(Generation generation, RankTask task) {
    ClassTag<RankOutcome> outcome = ClassTag$.MODULE$.apply(RankOutcome.class);
    int ranks = generation.ranks();
    JavaRDD<Integer> seats = spark.parallelize(IntStream.range(0, ranks).boxed().toList(), ranks);
    spark.setJobGroup(
        jobGroup, "Training on " + ranks + " ranks, generation " + generation.number(), true);
    try {
      return new JavaRDD<>(seats.rdd().barrier().mapPartitions(task, false, outcome), outcome)
          .collect();
    } finally {
      spark.clearJobGroup();
    }
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("no message");
  }
}
