package io.shardfire.jobs.session;

import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.driver.launch.WaitTimeoutException;
import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.plan.EmbeddedMaster;
import io.shardfire.jobs.command.CommandException;
import io.shardfire.jobs.command.ExitCode;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.sql.SparkSession;

/** The Spark session of a job, for one thread. */
public final class JobSession implements AutoCloseable {
  private final SparkSession spark;
  private boolean complete;

  private JobSession(SparkSession spark) {
    this.spark = spark;
  }

  /**
   * Starts Spark; {@link #close()} ends it.
   *
   * @param calls says that Spark starts, and that it does not, for instance because a queue is full
   * @param timeout after which the start is given up, {@code cluster.startTimeoutSeconds}
   * @throws WaitTimeoutException when Spark has not started by then
   * @throws CommandException when the cluster manager refuses, for want of rights for instance
   */
  public static JobSession open(SparkConf conf, BlockingCalls calls, Duration timeout) {
    String master = conf.get("spark.master");
    calls.announce("starting Spark: master=" + master);
    SparkSession spark =
        calls.run(
            awaited(master),
            BlockingCalls.Deadline.interrupting(timeout, ClusterConfiguration.START_TIMEOUT),
            () -> start(conf));
    SparkLog.sayOnce();
    return new JobSession(spark);
  }

  private static SparkSession start(SparkConf conf) {
    try {
      return SparkSession.builder().config(conf).getOrCreate();
    } catch (Exception e) {
      // Spark's SparkException is checked, and being Scala, getOrCreate does not declare it.
      if (e instanceof SparkException) {
        Throwable cause = e;
        while (cause.getCause() != null) {
          cause = cause.getCause();
        }
        throw new CommandException(
            "Spark cannot start: master=" + conf.get("spark.master") + ": " + cause.getMessage(),
            e);
      }
      throw e;
    }
  }

  private static String awaited(String master) {
    return master.startsWith("k8s")
        ? "Spark to start, and on Kubernetes for the pods of its executors, which kubectl describe"
            + " pods tells about: master="
            + master
        : "Spark to start, which the cluster manager may not answer or may have queued: master="
            + master;
  }

  /** The session. */
  public SparkSession spark() {
    return spark;
  }

  /**
   * Notes that the job has done all it was asked for. Without that, closing the session tells the
   * cluster manager that it has failed; YARN takes it for a success otherwise.
   */
  public void complete() {
    complete = true;
  }

  /**
   * Ends the session. An embedded master stops together with its executors, and when it stops soon
   * after it began they report each other as lost, with stack traces: nobody is to read those for
   * the reason why a job failed.
   */
  @Override
  public void close() {
    if (EmbeddedMaster.parse(spark.sparkContext().master()).isEmpty()) {
      stop();
      return;
    }
    silenceLog();
    // Scala prints what its futures throw, past the log.
    PrintStream err = System.err;
    System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    try {
      stop();
    } finally {
      System.setErr(err);
    }
  }

  private void stop() {
    spark.sparkContext().stop(complete ? ExitCode.OK : ExitCode.FAILURE);
  }

  /** For good: the job has ended, and its own messages do not go through the log. */
  static void silenceLog() {
    Configurator.setAllLevels(LogManager.ROOT_LOGGER_NAME, Level.OFF);
  }
}
