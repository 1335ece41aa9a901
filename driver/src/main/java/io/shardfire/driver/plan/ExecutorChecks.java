package io.shardfire.driver.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the executors report against what a run needs. The settings only promise; this is what is
 * there.
 */
public final class ExecutorChecks {
  private ExecutorChecks() {}

  /** Whether the heap that the settings promise holds a plan; needs no executor. */
  public static List<Problem> promised(RunPlan plan) {
    List<Problem> problems = new ArrayList<>();
    MemoryChecks.check(plan.memory(), plan.heap(), problems);
    return problems;
  }

  /**
   * All problems but {@link #promised} ones.
   *
   * @param spark settings of the session
   * @param plan empty when problems keep it from being known
   * @param reports one per rank
   */
  public static List<Problem> problems(
      Map<String, String> spark, Optional<RunPlan> plan, List<ExecutorReport> reports) {
    List<Problem> problems = new ArrayList<>(ExecutorReport.problems(reports));
    Collection<List<ExecutorReport>> processes = processes(reports);
    if (!SparkChecks.isLocal(spark)) {
      processes.forEach(ranks -> alone(ranks, problems));
    }
    plan.ifPresent(
        found -> processes.forEach(ranks -> MemoryChecks.process(found, ranks, problems)));
    problems.addAll(ExecutorAgreement.problems(reports));
    return problems;
  }

  /**
   * Whether executors that came later compute as those of the first generation.
   *
   * @param first reports of the first generation
   * @param now reports of the executors that are there now
   */
  public static List<Problem> agreement(List<ExecutorReport> first, List<ExecutorReport> now) {
    Map<String, ExecutorReport> byExecutor = new LinkedHashMap<>();
    first.forEach(report -> byExecutor.put(report.executorId(), report));
    now.forEach(report -> byExecutor.put(report.executorId(), report));
    return ExecutorAgreement.problems(List.copyOf(byExecutor.values()));
  }

  /** The reports of each Java process, in the order of their first. */
  private static Collection<List<ExecutorReport>> processes(List<ExecutorReport> reports) {
    Map<String, List<ExecutorReport>> processes = new LinkedHashMap<>();
    for (ExecutorReport report : reports) {
      processes
          .computeIfAbsent(report.host() + " " + report.processId(), unused -> new ArrayList<>())
          .add(report);
    }
    return processes.values();
  }

  private static void alone(List<ExecutorReport> process, List<Problem> problems) {
    ExecutorReport report = process.get(0);
    int ranks = process.size();
    if (ranks == 1) {
      return;
    }
    int coresOfEach = Math.max(1, report.cores() / ranks);
    problems.add(
        new Problem(
            "A rank must have its executor to itself, and one Java process got several: executor="
                + report.executorId()
                + ", host="
                + report.host()
                + ", process="
                + report.processId()
                + ", cores="
                + report.cores()
                + ", ranks="
                + ranks,
            "Set spark.executor.cores="
                + coresOfEach
                + " and spark.task.cpus="
                + coresOfEach
                + " to give each an executor, or spark.task.cpus="
                + report.cores()
                + " for one rank here; without spark.executor.cores, a standalone worker gives one"
                + " executor all its cores"));
  }
}
