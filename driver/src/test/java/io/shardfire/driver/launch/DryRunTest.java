package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.monitor.RecordingConsole;
import io.shardfire.driver.monitor.Terminal;
import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.Preflight;
import io.shardfire.driver.plan.PreflightException;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RecoveryConfiguration;
import io.shardfire.driver.plan.SampleCorpus;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.TrainingConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dry run decides as the run does, and writes nothing. */
class DryRunTest {
  private static JavaSparkContext spark;

  @TempDir static Path folder;

  private final RecordingConsole console =
      new RecordingConsole(Terminal.detect(Map.of(), false), Clock.systemUTC());

  private Path data = folder.resolve("data");
  private String name = "run";
  private int microBatch = 2;
  private float learningRate = 1e-3f;
  private int steps = 2;
  private ExistingRun existingRun = ExistingRun.REFUSE;
  private List<String> allowed = List.of();

  @BeforeAll
  static void start() throws IOException {
    SampleCorpus.write(folder.resolve("data"), 500, 100);
    Map<String, String> given = new TreeMap<>();
    given.put("spark.master", "local[1]");
    given.put("spark.app.name", "dry-run-test");
    given.put("spark.ui.enabled", "false");
    given.put("spark.driver.host", "127.0.0.1");
    SparkConf conf = new SparkConf(false);
    SparkSettings.complete(given).forEach(conf::set);
    spark = new JavaSparkContext(conf);
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  @Test
  void shouldSayHowARunWouldBeginAndDoSo() {
    name = "begun";
    agree("start at step 0");

    existingRun = ExistingRun.RESUME;
    steps = 4;
    agree("resume from step 2 of 4, checkpoint " + run().resolve("step-00000002"));
    assertTrue(console.take().contains("\ngoing on after step 2\n"));

    steps = 6;
    learningRate = 5e-4f;
    allowed = List.of("training.learningRate");
    agree("resume from step 4 of 6, checkpoint " + run().resolve("step-00000004"));
    assertTrue(console.take().contains("\nchange      training.learningRate 0.001 -> 0.0005\n"));

    // The same command once more, as a cluster manager would submit it again.
    agree("resume from step 6 of 6, checkpoint " + run().resolve("step-00000006"));

    existingRun = ExistingRun.OVERWRITE;
    allowed = List.of();
    agree(
        "overwrite the run folder (delete step-00000006, step-00000004, metrics) and start at step"
            + " 0");
    assertFalse(Files.exists(run().resolve("step-00000002")));
  }

  @Test
  void shouldSayThatARunWouldStartAnew() {
    name = "anew";
    existingRun = ExistingRun.RESUME;
    agree("start anew at step 0, for the run folder holds no checkpoint to resume");
  }

  @Test
  void shouldRefuseWhatTheRunRefuses() {
    name = "refused";
    execute(false);
    bothRefuse("The run folder already holds a run: run=");

    existingRun = ExistingRun.RESUME;
    microBatch = 4;
    bothRefuse("training.microBatch=4, checkpoint=2. Set training.microBatch=2 to go on, or");
    microBatch = 2;

    learningRate = 5e-4f;
    bothRefuse("training.learningRate=0.0005, checkpoint=0.001. Set training.learningRate=0.001");
    learningRate = 1e-3f;

    steps = 1;
    bothRefuse("training.steps=1, step of the checkpoint=2");
  }

  /** Found by whoever reads the ids first: the ranks in a run, nobody else in a dry run. */
  @Test
  void shouldRefuseShardsThatTheRanksRefuse() throws IOException {
    data = folder.resolve("damaged-data");
    SampleCorpus.write(data, 500, 100);
    Path shard = data.resolve("train.tokens");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[100] ^= 1;
    Files.write(shard, bytes);
    name = "damaged";

    PreflightException dry = assertThrows(PreflightException.class, () -> execute(true));
    PretrainingException real = assertThrows(PretrainingException.class, () -> execute(false));

    for (RuntimeException e : List.of(dry, real)) {
      assertTrue(e.getMessage().contains("train.tokens, field=CRC32C, expected="), e.getMessage());
    }
  }

  private void agree(String deed) {
    List<String> before = content();
    console.take();
    execute(true);
    String said = console.take();
    assertTrue(
        said.endsWith(
            "\nDry run: everything is in order, and nothing was started. The run would "
                + deed
                + ".\n"),
        said);
    assertEquals(before, content());
    execute(false);
    String did = console.take();
    assertTrue(did.contains("\naction      " + deed + "\n"), did);
    console.console().print(did);
  }

  private void bothRefuse(String text) {
    PreflightException dry = assertThrows(PreflightException.class, () -> execute(true));
    PreflightException real = assertThrows(PreflightException.class, () -> execute(false));
    assertEquals(real.getMessage(), dry.getMessage());
    assertTrue(dry.getMessage().contains(text), dry.getMessage());
  }

  private void execute(boolean dryRun) {
    PretrainConfiguration configuration =
        new PretrainConfiguration(
            ModelConfiguration.decoder(1, 2, 16, 8).build(),
            TrainingConfiguration.standard()
                .steps(steps)
                .microBatch(microBatch)
                .logicalShards(1)
                .seed(1)
                .learningRate(learningRate)
                .warmupSteps(1)
                .decaySteps(9)
                .evaluateEvery(0)
                .evaluationBatches(1)
                .checkpointEvery(0)
                .build(),
            data.toString(),
            run().toString(),
            "",
            "cpu",
            new ClusterConfiguration(1, 60, 60, 5, 1 << 20, true, "0"),
            new RecoveryConfiguration(0, false, 1),
            existingRun,
            allowed,
            dryRun,
            "");
    Preflight checks = Preflight.of(configuration, spark.getConf(), spark.hadoopConfiguration());
    PretrainingJob.create(spark, configuration, checks, console.console()).run();
  }

  private Path run() {
    return folder.resolve(name);
  }

  private List<String> content() {
    if (!Files.exists(run())) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(run())) {
      return files.map(Path::toString).sorted().toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
