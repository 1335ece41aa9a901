package io.shardfire.jobs.session;

import io.shardfire.driver.launch.SparkSettings;
import io.shardfire.driver.plan.EmbeddedMaster;
import io.shardfire.driver.plan.SessionSettings;
import io.shardfire.jobs.configuration.EnvironmentPlaceholder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Option;

/** Options of jobs that run on Spark, and the session they describe. */
public final class SparkOptions {
  private static final String MASTER = "spark.master";

  @Option(
      names = "--master",
      paramLabel = "URL",
      description =
          "Spark master. Default: as spark-submit says; otherwise two executor processes of one core"
              + " on this machine, as large as the job needs.")
  private String master;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description =
          "Spark setting, such as spark.executor.memory=8g. May be repeated. A secret may be named"
              + " instead: spark.authenticate.secret='$${env:NAME}'.")
  private Map<String, String> settings = new LinkedHashMap<>();

  /**
   * What to start Spark with.
   *
   * @param name of the application
   * @param standard asked for the executors on this machine that start when no master is chosen
   */
  public SparkConf conf(String name, Supplier<EmbeddedMaster> standard) {
    SparkConf conf = new SparkConf();
    // What spark-submit put into the JVM's system properties is there already.
    settings(SessionSettings.of(conf), standard).forEach(conf::set);
    return conf.setAppName(name);
  }

  /** Hadoop's configuration as the session will have it, before a master is chosen. */
  public Configuration hadoop() {
    SparkConf conf = new SparkConf();
    given(SessionSettings.of(conf)).forEach(conf::set);
    return SparkHadoopUtil.get().newConfiguration(conf);
  }

  /** Submitted settings, then ours from the command line. */
  private SortedMap<String, String> given(SortedMap<String, String> submitted) {
    SortedMap<String, String> given = new TreeMap<>(submitted);
    settings.forEach(
        (key, value) ->
            given.put(key, EnvironmentPlaceholder.resolve(key, value, System.getenv())));
    return given;
  }

  /** What is given, then what training needs. */
  SortedMap<String, String> settings(
      SortedMap<String, String> submitted, Supplier<EmbeddedMaster> standard) {
    SortedMap<String, String> chosen = given(submitted);
    if (master != null) {
      chosen.put(MASTER, master);
    }
    chosen.computeIfAbsent(MASTER, key -> standard.get().url());
    addSubmitJar(chosen);
    SharedClasses.ofThisJvm().ifPresent(classes -> classes.addTo(chosen));
    return SparkSettings.complete(chosen);
  }

  /**
   * Executors of other clusters have a Spark of their own without our classes: they fetch the jar
   * that spark-submit would have sent.
   */
  private static void addSubmitJar(SortedMap<String, String> chosen) {
    if (!chosen.get(MASTER).startsWith("local") && !chosen.containsKey("spark.submit.deployMode")) {
      SubmitJar.locate().ifPresent(jar -> chosen.merge("spark.jars", jar, (a, b) -> a + "," + b));
    }
  }
}
