package io.shardfire.driver.launch;

import io.shardfire.driver.plan.ExecutorReport;
import io.shardfire.driver.plan.PretrainConfiguration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.JavaSparkContext;

/** Asks the executors what they are, and adds what only the driver knows about them. */
final class ExecutorSurvey {
  private final JavaSparkContext spark;
  private final PretrainConfiguration configuration;
  private final String jobGroup;

  /**
   * @param jobGroup under which the jobs can be cancelled
   */
  ExecutorSurvey(JavaSparkContext spark, PretrainConfiguration configuration, String jobGroup) {
    this.spark = spark;
    this.configuration = configuration;
    this.jobGroup = jobGroup;
  }

  /**
   * One report per rank. Throws what Spark throws when an executor is lost or the job group is
   * cancelled meanwhile, a checked exception that Scala does not declare.
   */
  List<ExecutorReport> take(int ranks) {
    spark.setJobGroup(jobGroup, "Checking the executors", true);
    try {
      List<ExecutorReport> reports = new ExecutorProbe(configuration).run(spark, ranks);
      Map<String, Integer> used = new HashMap<>();
      reports.forEach(report -> used.merge(report.executorId(), report.cores(), Integer::sum));
      return reports.stream()
          .map(
              report ->
                  report.withCores(
                      Math.max(cores(report.executorId()), used.get(report.executorId()))))
          .toList();
    } finally {
      spark.clearJobGroup();
    }
  }

  /** Of an executor; 0 as long as Spark's status store has not heard of it. */
  private int cores(String executorId) {
    try {
      return spark.sc().statusStore().executorSummary(executorId).totalCores();
    } catch (NoSuchElementException e) {
      return 0;
    }
  }
}
