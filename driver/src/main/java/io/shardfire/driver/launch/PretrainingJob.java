package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.monitor.MetricsLog;
import io.shardfire.driver.monitor.RunMonitor;
import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.plan.Preflight;
import io.shardfire.driver.plan.PreflightException;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RunFolder;
import io.shardfire.driver.plan.RunPlan;
import io.shardfire.driver.recovery.Generation;
import io.shardfire.driver.recovery.GenerationEnd;
import io.shardfire.driver.recovery.GenerationLauncher;
import io.shardfire.driver.recovery.RecoveryLoop;
import io.shardfire.driver.recovery.RunEnd;
import io.shardfire.sharding.lease.DaemonLeaseTimer;
import io.shardfire.sharding.lease.LeaseHolder;
import io.shardfire.sharding.lease.LeaseLostException;
import io.shardfire.sharding.lease.LeaseTicket;
import io.shardfire.sharding.lease.ProcessTable;
import io.shardfire.sharding.transport.ControlServer;
import io.shardfire.worker.train.RunSpecification;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;

/** One pre-training run, from the checks to the final checkpoint. */
public final class PretrainingJob {
  private static final AtomicLong JOBS = new AtomicLong();

  private final JavaSparkContext spark;
  private final PretrainConfiguration configuration;
  private final Preflight checks;
  private final Console console;
  private final BlockingCalls calls;
  private final RunFolder folder;
  private final RunConclusion conclusion;
  private final String jobGroup;
  private final StoppableJobs jobs;
  private final ExecutorWatch watch = new ExecutorWatch();
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile BooleanSupplier training = () -> false;
  private volatile boolean stopping;
  private volatile boolean cancelled;
  private volatile boolean lost;

  private PretrainingJob(
      JavaSparkContext spark,
      PretrainConfiguration configuration,
      Preflight checks,
      Console console) {
    this.spark = spark;
    this.configuration = configuration;
    this.checks = checks;
    this.console = console;
    this.calls = new BlockingCalls(console::print);
    this.folder = RunFolder.of(spark.hadoopConfiguration(), configuration.run());
    this.conclusion =
        new RunConclusion(
            folder.path(), configuration.training().steps(), this::newestCheckpoint, console);
    this.jobGroup = "shardfire-pretrain-" + JOBS.incrementAndGet();
    this.jobs = new StoppableJobs(spark, jobGroup);
  }

  /**
   * Prepares; starts nothing.
   *
   * @param checks of this configuration, made before the session began
   */
  public static PretrainingJob create(
      JavaSparkContext spark,
      PretrainConfiguration configuration,
      Preflight checks,
      Console console) {
    return new PretrainingJob(spark, configuration, checks, console);
  }

  /**
   * Checks, trains and recovers until the last step. Empty after a dry run. Called once.
   *
   * @throws PreflightException listing every problem found before the start
   * @throws PretrainingException naming the root cause, when the run has failed for good
   * @throws PretrainingCancelledException after {@link #stop()} or {@link #cancel()}
   */
  public Optional<PretrainingResult> run() {
    if (!begun.compareAndSet(false, true)) {
      throw new IllegalStateException("A job runs once; create another one");
    }
    spark.sc().addSparkListener(watch);
    spark.sc().addSparkListener(jobs);
    try {
      RunPreparation preparation =
          new RunPreparation(
              spark,
              configuration,
              checks,
              console,
              calls,
              jobGroup,
              pool(ClusterConfiguration.START_TIMEOUT));
      checks.requireAlone();
      if (configuration.dryRun()) {
        preparation.prepare();
        return Optional.empty();
      }
      return Optional.of(own(preparation));
    } catch (LeaseLostException e) {
      throw new PretrainingException(e.getMessage(), e);
    } catch (CancellationException e) {
      throw conclusion.stopped();
    } catch (IOException e) {
      throw new PretrainingException(
          "The run folder cannot be used: run=" + folder.path() + ": " + e.getMessage(), e);
    } finally {
      spark.sc().removeSparkListener(jobs);
      spark.sc().removeSparkListener(watch);
    }
  }

  /** Owns the folder from before the executors are awaited until all is over. */
  private PretrainingResult own(RunPreparation preparation) throws IOException {
    try (RunTenure tenure = onFolder("to be this run's", this::beginTenure)) {
      try {
        return train(preparation.prepare(), preparation, tenure);
      } catch (CancellationException e) {
        requireNotLost(tenure, e);
        throw e;
      }
    }
  }

  private RunTenure beginTenure() throws IOException {
    return RunTenure.begin(
        folder,
        configuration.existingRun(),
        checks.submission(),
        LeaseHolder.self(
            new ProcessTable(),
            spark.sc().applicationId(),
            spark.sc().applicationAttemptId().getOrElse(() -> "")),
        console,
        new DaemonLeaseTimer(),
        this::lose);
  }

  /** Hadoop's clients try again for minutes before they say that a file system does not answer. */
  private <T, E extends Exception> T onFolder(String purpose, BlockingCalls.Call<T, E> call)
      throws E {
    return calls.run("the run folder " + purpose + ": run=" + folder.path(), call);
  }

  private static void requireNotLost(RunTenure tenure, Exception consequence) {
    Optional<LeaseLostException> loss = tenure.lost();
    if (loss.isPresent()) {
      loss.get().addSuppressed(consequence);
      throw loss.get();
    }
  }

  /**
   * Lets the ranks end after the step under way, with a checkpoint of it. Where no rank does steps,
   * for instance while executors are awaited, there is nothing to save, and the run is cancelled.
   * Returns at once; any thread may call it, also before or after the run.
   */
  public void stop() {
    stopping = true;
    if (training.getAsBoolean()) {
      console.print("stopping after the step under way, with a checkpoint of it");
    } else {
      cancel();
    }
  }

  /**
   * Ends the run now: cancels its Spark job and keeps all committed checkpoints. Returns at once;
   * any thread may call it, also before or after the run.
   */
  public void cancel() {
    cancelled = true;
    stopJobs();
  }

  /** Another driver has the folder. */
  private void lose() {
    lost = true;
    stopJobs();
  }

  private boolean ended() {
    return stopping || cancelled || lost;
  }

  private void stopJobs() {
    watch.wake();
    jobs.stop();
  }

  private SparkExecutorPool pool(String setting) {
    return new SparkExecutorPool(spark.sc(), watch, this::ended, console, setting);
  }

  private PretrainingResult train(RunPlan plan, RunPreparation preparation, RunTenure tenure)
      throws IOException {
    Instant start = console.clock().instant();
    MetricsLog metrics = onFolder("to be made ready", () -> openMetrics(tenure));
    RunEnd<RankOutcome> end;
    try (RunMonitor monitor =
        new RunMonitor(
            console,
            metrics,
            configuration.recovery().maxRestarts(),
            configuration.training().steps())) {
      DriverReports reports = new DriverReports(watch, monitor);
      SparkEnv environment = SparkEnv.get();
      try (ControlServer server =
          ControlServer.start(
              SparkNetwork.ofDriver(environment, configuration.cluster()),
              reports,
              () -> stopping ? ControlReportChannel.STOP : "")) {
        training = reports::training;
        ControlReportChannel channel =
            new ControlReportChannel(SparkNetwork.driverHost(environment), server.address().port());
        GenerationLauncher<RankOutcome> launcher =
            new CheckedLauncher<>(
                launcher(plan, tenure, reports, channel),
                plan,
                preparation.settings(),
                preparation.executors(),
                preparation::probe);
        end = loop(plan, monitor, tenure, launcher).run(tenure.resumes());
      }
    }
    tenure.lost().ifPresent(PretrainingJob::rethrow);
    Duration elapsed = Duration.between(start, console.clock().instant());
    return conclusion.of(end, elapsed);
  }

  private MetricsLog openMetrics(RunTenure tenure) throws IOException {
    tenure.start();
    return MetricsLog.open(
        spark.hadoopConfiguration(), folder.path(), console.clock(), tenure::requireHeld);
  }

  private static void rethrow(LeaseLostException loss) {
    throw loss;
  }

  private BarrierLauncher launcher(
      RunPlan plan, RunTenure tenure, DriverReports reports, ReportChannel channel) {
    return new BarrierLauncher(
        spark,
        jobGroup,
        watch,
        reports,
        channel,
        configuration.cluster(),
        generation ->
            new TrainingRankBody(specification(plan, generation, tenure.ticket(generation))),
        this::ended);
  }

  private RunSpecification specification(RunPlan plan, Generation generation, LeaseTicket ticket) {
    return new RunSpecification(
        plan.model(),
        plan.training(),
        configuration.data(),
        configuration.run(),
        configuration.from(),
        configuration.device(),
        generation.resume(),
        configuration.changesThatMayBeMade(),
        ticket,
        configuration.effectiveConfiguration());
  }

  private RecoveryLoop<RankOutcome> loop(
      RunPlan plan,
      RunMonitor monitor,
      RunTenure tenure,
      GenerationLauncher<RankOutcome> launcher) {
    return new RecoveryLoop<>(
        configuration.recovery(),
        plan.ranks(),
        generation -> {
          GenerationEnd<RankOutcome> end = launcher.run(generation);
          if (end instanceof GenerationEnd.Failed<RankOutcome>) {
            // Rank 0 may know before the lease is renewed next; a lost folder ends the run.
            tenure.lookAgain();
          }
          return end;
        },
        pool("recovery.replacementTimeoutSeconds"),
        this::newestCheckpoint,
        this::ended,
        monitor);
  }

  private long newestCheckpoint() {
    return onFolder(
        "to tell its newest valid checkpoint",
        () -> folder.checkpoints().newestValid().orElse(-1L));
  }
}
