package io.shardfire.driver.launch;

import io.shardfire.driver.plan.ExecutorChecks;
import io.shardfire.driver.plan.ExecutorReport;
import io.shardfire.driver.plan.Problem;
import io.shardfire.driver.plan.RunPlan;
import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.Generation;
import io.shardfire.driver.recovery.GenerationEnd;
import io.shardfire.driver.recovery.GenerationLauncher;
import io.shardfire.kernels.device.ComputeException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * Looks at the executors again before a generation after the first: fewer ranks need more memory
 * each, and an executor that replaces a lost one may compute other bits or hold several ranks.
 *
 * @param <T> result of a finished generation
 */
final class CheckedLauncher<T> implements GenerationLauncher<T> {
  private final GenerationLauncher<T> launcher;
  private final RunPlan plan;
  private final Map<String, String> spark;
  private final List<ExecutorReport> first;
  private final IntFunction<List<ExecutorReport>> survey;

  /**
   * @param plan of the first generation
   * @param spark settings of the session
   * @param first reports of the first generation's executors
   * @param survey asks the executors of so many ranks
   */
  CheckedLauncher(
      GenerationLauncher<T> launcher,
      RunPlan plan,
      Map<String, String> spark,
      List<ExecutorReport> first,
      IntFunction<List<ExecutorReport>> survey) {
    this.launcher = launcher;
    this.plan = plan;
    this.spark = Map.copyOf(spark);
    this.first = List.copyOf(first);
    this.survey = survey;
  }

  @Override
  public GenerationEnd<T> run(Generation generation) {
    if (generation.number() == 0) {
      return launcher.run(generation);
    }
    List<Problem> problems;
    try {
      problems = problems(generation.ranks());
    } catch (RuntimeException e) {
      // Another executor may have been lost meanwhile, or the run was stopped.
      return notStarted(e.getMessage(), true);
    }
    return problems.isEmpty()
        ? launcher.run(generation)
        : notStarted(
            problems.stream()
                .map(problem -> "\n  - " + problem)
                .collect(
                    Collectors.joining(
                        "",
                        "The run cannot go on with the executors that are there: ranks="
                            + generation.ranks(),
                        "")),
            false);
  }

  private List<Problem> problems(int ranks) {
    RunPlan smaller;
    try {
      smaller = plan.withRanks(ranks);
    } catch (ComputeException | IllegalArgumentException e) {
      return List.of(
          new Problem(
              "The model does not fit into a rank's arenas: " + e.getMessage(),
              "Resume with more ranks"));
    }
    List<Problem> promised = ExecutorChecks.promised(smaller);
    if (!promised.isEmpty()) {
      return promised;
    }
    List<ExecutorReport> now = survey.apply(ranks);
    List<Problem> problems = ExecutorChecks.problems(spark, Optional.of(smaller), now);
    return problems.isEmpty() ? ExecutorChecks.agreement(first, now) : problems;
  }

  private GenerationEnd<T> notStarted(String message, boolean worthRetrying) {
    return new GenerationEnd.Failed<>(
        new Failure.NotStarted(message, worthRetrying), Optional.empty());
  }
}
