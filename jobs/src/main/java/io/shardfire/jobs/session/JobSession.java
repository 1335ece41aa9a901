package io.shardfire.jobs.session;

import io.shardfire.driver.plan.EmbeddedMaster;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * The Spark session of a job.
 *
 * @param spark ended by {@link #close()}
 */
public record JobSession(SparkSession spark) implements AutoCloseable {
  /** Starts Spark. */
  public static JobSession open(SparkConf conf) {
    return new JobSession(SparkSession.builder().config(conf).getOrCreate());
  }

  /**
   * Ends the session. An embedded master stops together with its executors, and when it stops soon
   * after it began they report each other as lost, with stack traces: nobody is to read those for
   * the reason why a job failed.
   */
  @Override
  public void close() {
    if (EmbeddedMaster.parse(spark.sparkContext().master()).isEmpty()) {
      spark.stop();
      return;
    }
    silenceLog();
    // Scala prints what its futures throw, past the log.
    PrintStream err = System.err;
    System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    try {
      spark.stop();
    } finally {
      System.setErr(err);
    }
  }

  /** For good: the job has ended, and its own messages do not go through the log. */
  static void silenceLog() {
    Configurator.setAllLevels(LogManager.ROOT_LOGGER_NAME, Level.OFF);
  }
}
