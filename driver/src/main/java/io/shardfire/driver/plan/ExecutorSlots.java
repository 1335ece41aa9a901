package io.shardfire.driver.plan;

import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many ranks the settings promise a place, before the executors are there. */
public final class ExecutorSlots {
  private static final Pattern LOCAL = Pattern.compile("local\\[(\\d{1,6}|\\*)(?:,\\d+)?]");

  private ExecutorSlots() {}

  /** Barrier tasks that will fit at once; empty when the settings do not tell. */
  public static OptionalInt promised(Map<String, String> spark) {
    String master = spark.getOrDefault("spark.master", "");
    int taskCores = integer(spark, "spark.task.cpus", 1);
    if (master.equals("local")) {
      return OptionalInt.of(1 / taskCores);
    }
    Matcher local = LOCAL.matcher(master);
    if (local.matches()) {
      int threads =
          local.group(1).equals("*")
              ? Runtime.getRuntime().availableProcessors()
              : Integer.parseInt(local.group(1));
      return OptionalInt.of(threads / taskCores);
    }
    int perExecutor = integer(spark, "spark.executor.cores", 1) / taskCores;
    return EmbeddedMaster.parse(master)
        .map(embedded -> OptionalInt.of(embedded.executors() * perExecutor))
        .orElseGet(() -> ofInstances(spark, perExecutor));
  }

  /** YARN and Kubernetes count executors; a standalone cluster counts cores. */
  private static OptionalInt ofInstances(Map<String, String> spark, int perExecutor) {
    int cores = integer(spark, "spark.executor.cores", 0);
    int instances =
        isStandalone(spark) && cores > 0
            ? integer(spark, "spark.cores.max", 0) / cores
            : integer(spark, "spark.executor.instances", 0);
    return instances > 0 ? OptionalInt.of(instances * perExecutor) : OptionalInt.empty();
  }

  private static boolean isStandalone(Map<String, String> spark) {
    return spark.getOrDefault("spark.master", "").startsWith("spark://");
  }

  private static int integer(Map<String, String> spark, String key, int absent) {
    String value = spark.get(key);
    if (value == null || !value.matches("\\d{1,9}")) {
      return absent;
    }
    return Math.max(key.equals("spark.task.cpus") ? 1 : 0, Integer.parseInt(value));
  }
}
