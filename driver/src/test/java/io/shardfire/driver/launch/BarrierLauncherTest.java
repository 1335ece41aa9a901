package io.shardfire.driver.launch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.monitor.MetricsLog;
import io.shardfire.driver.monitor.RunMonitor;
import io.shardfire.driver.monitor.Terminal;
import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.Generation;
import io.shardfire.driver.recovery.GenerationEnd;
import io.shardfire.driver.report.FailureKind;
import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.worker.train.TrainingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BarrierLauncherTest {
  private static final String GROUP = "launch-test";
  private static final Generation FIRST = new Generation(0, 2, false);
  private static JavaSparkContext spark;

  @TempDir Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private ExecutorWatch watch;
  private BarrierLauncher launcher;

  @BeforeAll
  static void startSpark() {
    Map<String, String> given = new TreeMap<>();
    given.put("spark.master", "local[2]");
    given.put("spark.app.name", "launch-test");
    given.put("spark.ui.enabled", "false");
    given.put("spark.driver.host", "127.0.0.1");
    SparkConf conf = new SparkConf(false);
    SparkSettings.complete(given).forEach(conf::set);
    spark = new JavaSparkContext(conf);
  }

  @AfterAll
  static void stopSpark() {
    spark.close();
  }

  @BeforeEach
  void watchExecutors() {
    watch = new ExecutorWatch();
    spark.sc().addSparkListener(watch);
  }

  @AfterEach
  void stopWatching() {
    spark.sc().removeSparkListener(watch);
  }

  @Test
  void shouldRunOneRankPerTaskAndReturnTheFirstRanksOutcome() throws IOException {
    GenerationEnd<RankOutcome> end = run(new FakeRankBody(), FIRST);

    assertEquals(
        new RankOutcome(0, 2, 0, 1.5, "peers=2"),
        assertInstanceOf(GenerationEnd.Completed.class, end).result());
    assertTrue(console().contains("rank 0 is ready: host=fake-0, executor=driver"), console());
    assertTrue(console().contains("rank 1 is ready: host=fake-1, executor=driver"), console());
    assertTrue(console().contains("step 1  validation loss 2.5000"), console());
  }

  @Test
  void shouldNameTheExceptionOfTheRankThatFailedAndNotThoseOfItsPeers() throws IOException {
    List<RuntimeException> failures =
        List.of(
            new CollectiveException("peer lost: rank=1"),
            new IllegalStateException("Disk full: free=0"));

    for (int lastRank = 0; lastRank < 2; lastRank++) {
      assertDiskFull(failure(run(new FakeRankBody(failures, lastRank), FIRST)));
    }
  }

  private static void assertDiskFull(Failure failure) {
    Failure.RankFailed rank = assertInstanceOf(Failure.RankFailed.class, failure);
    assertEquals(1, rank.rank());
    assertEquals(FailureKind.RANK, rank.kind());
    assertTrue(
        failure
            .headline()
            .contains(
                "(executor driver) failed with java.lang.IllegalStateException: Disk full: free=0"),
        failure.headline());
    assertTrue(failure.worthRetrying());
  }

  @Test
  void shouldNotRetryWhatTheRequestCaused() throws IOException {
    List<RuntimeException> failures =
        List.of(
            new TrainingException("The loss is not finite: step=3, rank=0"),
            new CollectiveException("peer lost: rank=0"));

    for (int lastRank = 0; lastRank < 2; lastRank++) {
      assertNotFinite(failure(run(new FakeRankBody(failures, lastRank), FIRST)));
    }
  }

  private static void assertNotFinite(Failure failure) {
    assertEquals(FailureKind.REQUEST, assertInstanceOf(Failure.RankFailed.class, failure).kind());
    assertTrue(failure.headline().endsWith("The loss is not finite: step=3, rank=0"));
    assertEquals(false, failure.worthRetrying());
  }

  @Test
  void shouldNameAnExceptionFromBeforeTheRanksMet() throws IOException {
    Failure failure = failure(run(new UnopenableRankBody(), FIRST));

    assertInstanceOf(Failure.TaskFailed.class, failure);
    assertTrue(failure.headline().contains("Port taken: port=7"), failure.headline());
  }

  @Test
  void shouldStopJobsThatStartLater() {
    StoppableJobs jobs = new StoppableJobs(spark, GROUP);
    spark.sc().addSparkListener(jobs);
    try {
      jobs.stop();
      spark.setJobGroup(GROUP, "sleeps until it is interrupted", true);
      Exception stopped =
          assertThrows(
              SparkException.class,
              () ->
                  spark
                      .parallelize(List.of(1))
                      .foreach(i -> new CountDownLatch(1).await(60, SECONDS)));
      assertTrue(stopped.getMessage().contains(GROUP), stopped.getMessage());
      spark.clearJobGroup();
      assertEquals(1, spark.parallelize(List.of(1)).count());
    } finally {
      spark.clearJobGroup();
      spark.sc().removeSparkListener(jobs);
    }
  }

  private GenerationEnd<RankOutcome> run(RankBody body, Generation generation) throws IOException {
    MetricsLog metrics =
        MetricsLog.open(
            new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()), Clock.systemUTC());
    Console console =
        Console.on(
            new PrintStream(printed, true, StandardCharsets.UTF_8),
            Terminal.PLAIN,
            Clock.systemUTC());
    try (RunMonitor monitor = new RunMonitor(console, metrics, 3, 2)) {
      DriverReports reports = new DriverReports(watch, monitor);
      try (LocalReportChannel channel = LocalReportChannel.to(reports)) {
        launcher =
            new BarrierLauncher(
                spark,
                GROUP,
                watch,
                reports,
                channel,
                new ClusterConfiguration(0, 20, 20, 5, 4096, true, "0"),
                unused -> body,
                () -> false);
        return launcher.run(generation);
      }
    }
  }

  private static Failure failure(GenerationEnd<RankOutcome> end) {
    GenerationEnd.Failed<?> failed = assertInstanceOf(GenerationEnd.Failed.class, end);
    assertTrue(failed.obstacle().isEmpty(), failed.obstacle().toString());
    return failed.failure();
  }

  private String console() {
    return printed.toString(StandardCharsets.UTF_8);
  }
}
