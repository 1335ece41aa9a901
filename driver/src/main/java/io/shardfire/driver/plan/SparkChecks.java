package io.shardfire.driver.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Settings of the Spark session under which a barrier stage cannot train. */
final class SparkChecks {
  private static final String EXECUTOR_GPUS = "spark.executor.resource.gpu.amount";
  private static final String TASK_GPUS = "spark.task.resource.gpu.amount";

  private SparkChecks() {}

  static List<Problem> problems(Map<String, String> spark) {
    List<Problem> problems = new ArrayList<>();
    mustBeOff(
        spark,
        "spark.dynamicAllocation.enabled",
        "Spark refuses barrier stages under dynamic allocation",
        problems);
    mustBeOff(
        spark,
        "spark.speculation",
        "A speculative copy of a rank would disturb the others",
        problems);
    coresPerRank(spark, problems);
    gpusPerRank(spark, problems);
    collector(spark, problems);
    return problems;
  }

  private static void mustBeOff(
      Map<String, String> spark, String key, String reason, List<Problem> problems) {
    if (Boolean.parseBoolean(spark.getOrDefault(key, "false"))) {
      problems.add(new Problem(reason + ": " + key + "=true", "Set " + key + "=false"));
    }
  }

  /** Two ranks in one process would share one device queue and one heap. */
  private static void coresPerRank(Map<String, String> spark, List<Problem> problems) {
    String cores = spark.get("spark.executor.cores");
    String taskCores = spark.getOrDefault("spark.task.cpus", "1");
    if (cores != null && !cores.equals(taskCores) && !isLocal(spark)) {
      problems.add(
          new Problem(
              "A rank must have its executor to itself: spark.executor.cores="
                  + cores
                  + ", spark.task.cpus="
                  + taskCores,
              "Set spark.task.cpus=" + cores));
    }
  }

  /** A rank uses one, and has its executor to itself. */
  private static void gpusPerRank(Map<String, String> spark, List<Problem> problems) {
    for (String key : List.of(EXECUTOR_GPUS, TASK_GPUS)) {
      String amount = spark.getOrDefault(key, "1");
      if (!amount.equals("1")) {
        problems.add(
            new Problem("A rank uses one GPU: " + key + "=" + amount, "Set " + key + "=1"));
      }
    }
  }

  /** Other collectors move the large arrays while the device works on them. */
  private static void collector(Map<String, String> spark, List<Problem> problems) {
    String options = spark.getOrDefault("spark.executor.extraJavaOptions", "");
    if (!isLocal(spark) && !options.contains("-XX:+UseG1GC")) {
      problems.add(
          new Problem(
              "The kernels need the G1 collector, which keeps large arrays in place:"
                  + " spark.executor.extraJavaOptions="
                  + options,
              "Add -XX:+UseG1GC to spark.executor.extraJavaOptions, and no other collector"));
    }
  }

  /** Whether all ranks are threads of this process. */
  static boolean isLocal(Map<String, String> spark) {
    return spark.getOrDefault("spark.master", "").matches("local(\\[.*)?");
  }
}
