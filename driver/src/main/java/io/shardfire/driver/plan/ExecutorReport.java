package io.shardfire.driver.plan;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an executor found out about itself before the run.
 *
 * @param heapBytes the most that its heap may become
 * @param cores that Spark gave it
 * @param problems what keeps a rank from running there
 */
public record ExecutorReport(
    String host,
    String executorId,
    long processId,
    long heapBytes,
    int cores,
    ComputeIdentity compute,
    ArrayList<Finding> problems)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A problem as it travels: what is wrong, and the remedy. */
  public record Finding(String finding, String remedy) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /** The same with what the driver knows about its cores. */
  public ExecutorReport withCores(int known) {
    return new ExecutorReport(host, executorId, processId, heapBytes, known, compute, problems);
  }

  /** Executor and host, as messages name it. */
  String place() {
    return executorId + " (" + host + ")";
  }

  /** The problems of all executors; one that several have is named once, with all of them. */
  static List<Problem> problems(List<ExecutorReport> reports) {
    Map<String, List<String>> executors = new TreeMap<>();
    Map<String, Finding> findings = new TreeMap<>();
    for (ExecutorReport report : reports) {
      for (Finding finding : report.problems()) {
        findings.put(finding.finding(), finding);
        executors
            .computeIfAbsent(finding.finding(), unused -> new ArrayList<>())
            .add(report.place());
      }
    }
    return findings.values().stream()
        .map(
            finding ->
                new Problem(
                    "On executor "
                        + String.join(", ", executors.get(finding.finding()))
                        + ": "
                        + finding.finding(),
                    finding.remedy()))
        .toList();
  }
}
