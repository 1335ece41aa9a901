package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.driver.corpus.CorpusPreparation;
import io.shardfire.driver.corpus.PrepareConfiguration;
import io.shardfire.driver.corpus.PrepareListener;
import io.shardfire.driver.launch.PretrainingJob;
import io.shardfire.driver.launch.SparkSettings;
import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.monitor.Terminal;
import io.shardfire.driver.plan.Preflight;
import io.shardfire.driver.plan.PretrainConfiguration;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * A Spark application of two executor processes that run the built distribution, with its driver in
 * this JVM: many runs follow one another without starting Spark for each.
 */
final class SharedApplication implements AutoCloseable {
  private static final int EXECUTORS = 2;
  private static final String MASTER = "local-cluster[" + EXECUTORS + ",1,1024]";

  private final SparkSession session;

  private SharedApplication(SparkSession session) {
    this.session = session;
  }

  static SharedApplication start() {
    SparkConf conf = new SparkConf(false).setAppName("integration-tests");
    SparkSettings.complete(Map.of("spark.master", MASTER)).forEach(conf::set);
    return new SharedApplication(SparkSession.builder().config(conf).getOrCreate());
  }

  /** Prepares a corpus. */
  void prepare(PrepareConfiguration asked) {
    CorpusPreparation.run(session, asked, PrepareListener.silent());
  }

  /** Begins a run; the one before it must have ended. */
  ApplicationRun begin(PretrainConfiguration asked) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Transcript output = new Transcript(asked.run());
    PretrainingJob job =
        PretrainingJob.create(
            spark,
            asked,
            Preflight.of(asked, spark.getConf(), spark.hadoopConfiguration()),
            Console.on(output.stream(), Terminal.PLAIN, Clock.systemUTC()));
    return new ApplicationRun(job, output);
  }

  /** SIGKILL to one of the executors. */
  void killExecutor() {
    List<ProcessHandle> executors = RunningCommand.executors(ProcessHandle.current().children());
    assertEquals(EXECUTORS, executors.size());
    executors.get(1).destroyForcibly();
  }

  @Override
  public void close() {
    session.stop();
  }
}
