package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.monitor.RunHeader;
import io.shardfire.driver.plan.ExecutorReport;
import io.shardfire.driver.plan.Preflight;
import io.shardfire.driver.plan.PreflightException;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.Problem;
import io.shardfire.driver.plan.RunPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import org.apache.spark.api.java.JavaSparkContext;

/** Waits for the executors and finds out, with their help, whether and how a run can start. */
final class RunPreparation {
  private final JavaSparkContext spark;
  private final PretrainConfiguration configuration;
  private final Preflight checks;
  private final Console console;
  private final String jobGroup;
  private final SparkExecutorPool pool;

  RunPreparation(
      JavaSparkContext spark,
      PretrainConfiguration configuration,
      Preflight checks,
      Console console,
      String jobGroup,
      SparkExecutorPool pool) {
    this.spark = spark;
    this.configuration = configuration;
    this.checks = checks;
    this.console = console;
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
    List<ExecutorReport> executors = List.of();
    if (preflight.sparkIsUsable() && slots > 0) {
      int asked = configuration.cluster().ranks();
      executors = probe(preflight.plan(), asked == 0 ? slots : Math.min(asked, slots));
      problems.addAll(ExecutorReport.problems(executors));
    }
    List<ExecutorReport> found = executors;
    preflight.plan().ifPresent(plan -> console.print(RunHeader.text(configuration, plan, found)));
    if (!problems.isEmpty()) {
      throw new PreflightException(problems);
    }
    return preflight.plan().orElseThrow();
  }

  private List<ExecutorReport> probe(Optional<RunPlan> plan, int ranks) {
    spark.setJobGroup(jobGroup, "Checking the executors", true);
    try {
      return new ExecutorProbe(configuration, plan).run(spark, ranks);
    } catch (Exception e) {
      // Spark's SparkException is checked, and being Scala, collect does not declare it.
      if (pool.cancelled()) {
        throw cancelled(e);
      }
      throw new PretrainingException("The executors cannot be checked: " + e.getMessage(), e);
    } finally {
      spark.clearJobGroup();
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
