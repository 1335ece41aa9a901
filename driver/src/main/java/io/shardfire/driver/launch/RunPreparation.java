package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.monitor.RunHeader;
import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.plan.ExecutorChecks;
import io.shardfire.driver.plan.ExecutorReport;
import io.shardfire.driver.plan.Preflight;
import io.shardfire.driver.plan.PreflightException;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.Problem;
import io.shardfire.driver.plan.RunPlan;
import io.shardfire.driver.plan.RunStart;
import io.shardfire.driver.plan.SessionSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import org.apache.spark.api.java.JavaSparkContext;

/** Waits for the executors and finds out, with their help, whether and how a run can start. */
final class RunPreparation {
  private final JavaSparkContext spark;
  private final PretrainConfiguration configuration;
  private final Preflight checks;
  private final Console console;
  private final BlockingCalls calls;
  private final String jobGroup;
  private final SparkExecutorPool pool;
  private List<ExecutorReport> executors = List.of();

  RunPreparation(
      JavaSparkContext spark,
      PretrainConfiguration configuration,
      Preflight checks,
      Console console,
      BlockingCalls calls,
      String jobGroup,
      SparkExecutorPool pool) {
    this.spark = spark;
    this.configuration = configuration;
    this.checks = checks;
    this.console = console;
    this.calls = calls;
    this.jobGroup = jobGroup;
    this.pool = pool;
  }

  /**
   * Waits for the executors, runs all checks and prints the header.
   *
   * @throws PreflightException listing every problem
   * @throws CancellationException when the run was stopped meanwhile
   */
  RunPlan prepare() {
    int slots = pool.awaitSlots(checks.awaitedSlots(), configuration.cluster().startTimeout());
    if (pool.cancelled()) {
      throw cancelled(null);
    }
    Preflight.Result preflight = checks.check(OptionalInt.of(slots));
    List<Problem> problems = new ArrayList<>(preflight.problems());
    if (preflight.sparkIsUsable() && slots > 0) {
      int asked = configuration.cluster().ranks();
      executors = probe(asked == 0 ? slots : Math.min(asked, slots));
      problems.addAll(ExecutorChecks.problems(settings(), preflight.plan(), executors));
    }
    preflight
        .plan()
        .ifPresent(plan -> console.print(RunHeader.text(configuration, plan, executors)));
    if (!problems.isEmpty()) {
      throw new PreflightException(problems);
    }
    print(preflight.start().orElseThrow());
    return preflight.plan().orElseThrow();
  }

  private void print(RunStart start) {
    console.print("action      " + start.deed());
    start.changes().forEach(change -> console.print("change      " + change));
    if (configuration.dryRun()) {
      console.print(
          "\nDry run: everything is in order, and nothing was started. The run would "
              + start.deed()
              + ".");
    }
  }

  /** The session's settings. */
  Map<String, String> settings() {
    return SessionSettings.of(spark.getConf());
  }

  /** What the executors reported when the run was prepared. */
  List<ExecutorReport> executors() {
    return executors;
  }

  /** Asks the executors of so many ranks. */
  List<ExecutorReport> probe(int ranks) {
    BlockingCalls.Deadline deadline =
        new BlockingCalls.Deadline(
            configuration.cluster().startTimeout(),
            ClusterConfiguration.START_TIMEOUT,
            () -> spark.sc().cancelJobGroup(jobGroup));
    try {
      return calls.run(
          (ranks == 1 ? "an executor" : ranks + " executors")
              + " to check device, kernels, corpus and run folder (the first start on a machine"
              + " compiles the kernels)",
          deadline,
          () -> new ExecutorSurvey(spark, configuration, jobGroup).take(ranks));
    } catch (Exception e) {
      // Spark's SparkException is checked, and being Scala, collect does not declare it.
      if (pool.cancelled()) {
        throw cancelled(e);
      }
      throw new PretrainingException("The executors cannot be checked: " + e.getMessage(), e);
    }
  }

  private static CancellationException cancelled(Throwable cause) {
    CancellationException cancellation =
        new CancellationException("The run was stopped before it began");
    if (cause != null) {
      cancellation.initCause(cause);
    }
    return cancellation;
  }
}
