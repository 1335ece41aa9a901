package io.shardfire.jobs.doctor;

import io.shardfire.jobs.command.Versions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Spark, Hadoop and the folder that executors on this machine are started from. */
final class SparkCheck implements Check {
  private static final String REMEDY =
      "Start through the shardfire launcher, which sets it, or let SPARK_HOME name a Spark 4.1"
          + " installation";

  private final Map<String, String> environment;

  SparkCheck(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public String name() {
    return "spark";
  }

  @Override
  public List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    findings.add(Finding.ok("spark " + Versions.spark() + ", hadoop " + Versions.hadoop()));
    findings.add(home());
    return findings;
  }

  private Finding home() {
    String home = environment.get("SPARK_HOME");
    if (home == null) {
      return Finding.failed("SPARK_HOME is not set", REMEDY);
    }
    Path folder = Path.of(home);
    if (!Files.isDirectory(folder.resolve("jars"))) {
      return Finding.failed("SPARK_HOME has no folder jars: SPARK_HOME=" + home, REMEDY);
    }
    if (!Files.isWritable(folder)) {
      return Finding.failed(
          "SPARK_HOME cannot be written to, executors log there: SPARK_HOME=" + home,
          "Change its permissions");
    }
    return Finding.ok("SPARK_HOME=" + home);
  }
}
