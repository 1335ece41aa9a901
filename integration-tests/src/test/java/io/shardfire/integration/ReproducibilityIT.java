package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same bits from the launcher whatever the number of ranks and the network; {@link FamiliesIT}
 * has the other ways to run, for every family.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReproducibilityIT {
  private TrainingFixture fixture;
  private TrainedRun twoRanks;

  @BeforeAll
  void trainOnTwoRanks(@TempDir Path folder) throws IOException {
    fixture = TrainingFixture.prepare(folder);
    Shardfire.succeed(fixture.pretrain("two", 2));
    twoRanks = fixture.run("two");
  }

  @Test
  void shouldLearn() {
    var losses = twoRanks.metric("step", "loss");
    assertEquals(40, losses.size());
    double first = Double.parseDouble(losses.get(losses.firstKey()));
    double last = Double.parseDouble(losses.get(losses.lastKey()));
    assertTrue(last < 0.8 * first, "first=" + first + ", last=" + last);
  }

  @Test
  void shouldGiveTheSameBitsWhenResumedOnFewerRanks() {
    Shardfire.succeed(fixture.pretrain("shrunk", 2, "--set", "training.steps=20"));
    Shardfire.succeed(fixture.pretrain("shrunk", 1, "--resume"));
    assertSameAs(twoRanks, fixture.run("shrunk"), 40);
  }

  /** At another stage, and not through shared memory; with another number they would be others. */
  @Test
  void shouldGiveTheSameBitsWithGradientsInBf16OnAsManyRanks() {
    String[] bf16 = {"--set", "training.gradientExchange=bf16", "--set", "training.steps=20"};
    Shardfire.Result first = Shardfire.succeed(fixture.pretrain("rounded", 2, bf16));
    assertTrue(first.text().contains("; gradients in bf16 between ranks"), first::transcript);
    Shardfire.succeed(
        fixture.pretrain(
            "rounded-again",
            2,
            concat(bf16, "--set", "training.zeroStage=0", "--set", "cluster.sharedMemory=false")));
    assertSameAs(fixture.run("rounded"), fixture.run("rounded-again"), 20);
    assertNotEquals(
        twoRanks.checkpoint(20).weights(), fixture.run("rounded").checkpoint(20).weights());

    Shardfire.Result fewer =
        Shardfire.run(fixture.pretrain("rounded", 1, concat(bf16, "--resume")));
    assertNotEquals(0, fewer.exitCode(), fewer::transcript);
    assertTrue(
        fewer.text().contains("after step 20: cluster.ranks=1, checkpoint=2."), fewer::transcript);
  }

  private static String[] concat(String[] first, String... more) {
    return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void shouldGiveTheSameBitsOverEncryptedTraffic() {
    Shardfire.succeed(
        fixture.pretrain(
            "encrypted",
            2,
            "--conf",
            "spark.authenticate=true",
            "--conf",
            "spark.authenticate.secret=only-for-this-test",
            "--conf",
            "spark.network.crypto.enabled=true"));
    assertSameAs(twoRanks, fixture.run("encrypted"), 40);
  }

  @Test
  void shouldGenerateFromTheCheckpoint() {
    Shardfire.Result result =
        Shardfire.succeed(
            "generate",
            "--model",
            twoRanks.folder().toString(),
            "--prompt",
            "the river ",
            "--max-tokens",
            "20");
    assertTrue(result.text().contains("the river "), result::transcript);
    Shardfire.Result again =
        Shardfire.succeed(
            "generate",
            "--model",
            twoRanks.folder().toString(),
            "--prompt",
            "the river ",
            "--max-tokens",
            "20");
    assertEquals(generated(result), generated(again));
  }

  /** What a command printed, but for how fast it was. */
  private static List<String> generated(Shardfire.Result result) {
    return result.lines().stream().filter(line -> !line.contains(" tokens/s")).toList();
  }

  /** Every loss and norm up to a step, and the weights and moments of its checkpoint. */
  static void assertSameAs(TrainedRun expected, TrainedRun actual, long step) {
    assertSameMetric(expected, actual, step, "step", "loss");
    assertSameMetric(expected, actual, step, "step", "gradientNorm");
    assertSameMetric(expected, actual, step, "evaluation", "loss");
    assertEquals(expected.checkpoint(step).weights(), actual.checkpoint(step).weights());
    assertEquals(expected.checkpoint(step).moments(), actual.checkpoint(step).moments());
  }

  private static void assertSameMetric(
      TrainedRun expected, TrainedRun actual, long step, String event, String field) {
    assertEquals(
        expected.metric(event, field).headMap(step + 1),
        actual.metric(event, field).headMap(step + 1));
  }
}
