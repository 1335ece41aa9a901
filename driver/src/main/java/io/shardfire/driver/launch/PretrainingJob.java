package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.monitor.Figures;
import io.shardfire.driver.monitor.MetricsLog;
import io.shardfire.driver.monitor.RunMonitor;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.PreflightException;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RunFolder;
import io.shardfire.driver.plan.RunPlan;
import io.shardfire.driver.recovery.Generation;
import io.shardfire.driver.recovery.GenerationLauncher;
import io.shardfire.driver.recovery.RecoveryLoop;
import io.shardfire.driver.recovery.RunEnd;
import io.shardfire.sharding.transport.ControlServer;
import io.shardfire.worker.train.RunSpecification;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;

/** One pre-training run, from the checks to the final checkpoint. */
public final class PretrainingJob {
  private static final AtomicLong JOBS = new AtomicLong();

  private final JavaSparkContext spark;
  private final PretrainConfiguration configuration;
  private final Console console;
  private final RunFolder folder;
  private final String jobGroup;
  private final ExecutorWatch watch = new ExecutorWatch();
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile boolean cancelled;

  private PretrainingJob(
      JavaSparkContext spark, PretrainConfiguration configuration, Console console) {
    this.spark = spark;
    this.configuration = configuration;
    this.console = console;
    this.folder = RunFolder.of(spark.hadoopConfiguration(), configuration.run());
    this.jobGroup = "shardfire-pretrain-" + JOBS.incrementAndGet();
  }

  /** Prepares; starts nothing. */
  public static PretrainingJob create(
      JavaSparkContext spark, PretrainConfiguration configuration, Console console) {
    return new PretrainingJob(spark, configuration, console);
  }

  /**
   * Checks, trains and recovers until the last step. Empty after a dry run. Called once.
   *
   * @throws PreflightException listing every problem found before the start
   * @throws PretrainingException naming the root cause, when the run has failed for good
   * @throws PretrainingCancelledException after {@link #cancel()}
   */
  public Optional<PretrainingResult> run() {
    if (!begun.compareAndSet(false, true)) {
      throw new IllegalStateException("A job runs once; create another one");
    }
    spark.sc().addSparkListener(watch);
    try {
      RunPreparation preparation =
          new RunPreparation(spark, configuration, console, jobGroup, pool());
      RunPlan plan = preparation.prepare();
      if (configuration.dryRun()) {
        return Optional.empty();
      }
      return Optional.of(train(plan, preparation));
    } catch (CancellationException e) {
      throw stopped();
    } catch (IOException e) {
      throw new PretrainingException(
          "The run folder cannot be used: run=" + folder.path() + ": " + e.getMessage(), e);
    } finally {
      spark.sc().removeSparkListener(watch);
    }
  }

  /**
   * Stops the run: cancels its Spark job and keeps all committed checkpoints. Returns at once; any
   * thread may call it, also before or after the run.
   */
  public void cancel() {
    cancelled = true;
    watch.wake();
    if (!spark.sc().isStopped()) {
      spark.sc().cancelJobGroupAndFutureJobs(jobGroup);
    }
  }

  private SparkExecutorPool pool() {
    return new SparkExecutorPool(spark.sc(), watch, () -> cancelled);
  }

  private PretrainingResult train(RunPlan plan, RunPreparation preparation) throws IOException {
    if (configuration.existingRun() == ExistingRun.OVERWRITE) {
      folder.clear();
    }
    Instant start = console.clock().instant();
    MetricsLog metrics =
        MetricsLog.open(spark.hadoopConfiguration(), folder.path(), console.clock());
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
              SparkNetwork.ofDriver(environment, configuration.cluster()), reports)) {
        ControlReportChannel channel =
            new ControlReportChannel(SparkNetwork.driverHost(environment), server.address().port());
        GenerationLauncher<RankOutcome> launcher =
            new CheckedLauncher<>(
                launcher(plan, reports, channel),
                plan,
                preparation.settings(),
                preparation.executors(),
                preparation::probe);
        end = loop(plan, monitor, launcher).run(resumes());
      }
    }
    Duration elapsed = Duration.between(start, console.clock().instant());
    return result(end, elapsed);
  }

  private boolean resumes() {
    return configuration.existingRun() == ExistingRun.RESUME;
  }

  private BarrierLauncher launcher(RunPlan plan, DriverReports reports, ReportChannel channel) {
    return new BarrierLauncher(
        spark,
        jobGroup,
        watch,
        reports,
        channel,
        configuration.cluster(),
        generation -> new TrainingRankBody(specification(plan, generation)),
        () -> cancelled);
  }

  private RunSpecification specification(RunPlan plan, Generation generation) {
    return new RunSpecification(
        plan.model(),
        plan.training(),
        configuration.data(),
        configuration.run(),
        configuration.device(),
        generation.resume(),
        configuration.allowedChanges(),
        configuration.effectiveConfiguration());
  }

  private RecoveryLoop<RankOutcome> loop(
      RunPlan plan, RunMonitor monitor, GenerationLauncher<RankOutcome> launcher) {
    return new RecoveryLoop<>(
        configuration.recovery(),
        plan.ranks(),
        launcher,
        pool(),
        this::newestCheckpoint,
        () -> cancelled,
        monitor);
  }

  private long newestCheckpoint() {
    return folder.checkpoints().newestValid().orElse(-1L);
  }

  private PretrainingResult result(RunEnd<RankOutcome> end, Duration elapsed) {
    if (end instanceof RunEnd.Completed<RankOutcome> completed) {
      RankOutcome outcome = completed.result();
      PretrainingResult result =
          new PretrainingResult(
              outcome.steps(),
              outcome.validationLoss(),
              outcome.checkpoint(),
              completed.restarts(),
              elapsed);
      console.print(summary(result));
      return result;
    }
    if (end instanceof RunEnd.GivenUp<RankOutcome> givenUp) {
      throw new PretrainingException(
          givenUp.failure().headline() + "\n" + givenUp.reason() + ". " + howToGoOn());
    }
    throw stopped();
  }

  private PretrainingCancelledException stopped() {
    return new PretrainingCancelledException("The run was stopped. " + howToGoOn());
  }

  private String howToGoOn() {
    long newest = newestCheckpoint();
    return newest < 0
        ? "There is no checkpoint yet"
        : "The checkpoint of step "
            + newest
            + " is kept in "
            + folder.path()
            + "; go on from it with --resume";
  }

  private static String summary(PretrainingResult result) {
    return "done: "
        + result.steps()
        + " steps in "
        + Figures.duration(result.elapsed())
        + ", validation loss "
        + Figures.fixed(result.validationLoss(), 4)
        + (result.restarts() == 0 ? "" : ", restarts " + result.restarts())
        + "\ncheckpoint  "
        + result.checkpoint();
  }
}
