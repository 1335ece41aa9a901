package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The same bits whatever the number of ranks, the ZeRO stage and the interruptions. */
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
  void shouldGiveTheSameBitsOnOneRank() {
    Shardfire.succeed(fixture.pretrain("one", 1));
    assertSameAs(twoRanks, fixture.run("one"), 40);
  }

  @Test
  void shouldGiveTheSameBitsWithZeroStageNull() {
    Shardfire.succeed(fixture.pretrain("zero-0", 2, "--set", "training.zeroStage=0"));
    assertSameAs(twoRanks, fixture.run("zero-0"), 40);
  }

  @Test
  void shouldGiveTheSameBitsAfterStoppingAndResuming() {
    Shardfire.succeed(fixture.pretrain("whole", 2, "--set", "training.steps=200"));
    Shardfire.succeed(fixture.pretrain("resumed", 2, "--set", "training.steps=100"));
    Shardfire.succeed(fixture.pretrain("resumed", 2, "--set", "training.steps=200", "--resume"));
    TrainedRun resumed = fixture.run("resumed");
    assertEquals(200, resumed.metric("step", "loss").size());
    assertSameAs(fixture.run("whole"), resumed, 200);
  }

  @Test
  void shouldGiveTheSameBitsWhenResumedOnFewerRanks() {
    Shardfire.succeed(fixture.pretrain("shrunk", 2, "--set", "training.steps=20"));
    Shardfire.succeed(fixture.pretrain("shrunk", 1, "--resume"));
    assertSameAs(twoRanks, fixture.run("shrunk"), 40);
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

  static void assertSameAs(TrainedRun expected, TrainedRun actual, long step) {
    assertEquals(expected.metric("step", "loss"), actual.metric("step", "loss"));
    assertEquals(expected.metric("evaluation", "loss"), actual.metric("evaluation", "loss"));
    assertEquals(expected.metric("step", "gradientNorm"), actual.metric("step", "gradientNorm"));
    assertEquals(expected.weights(step), actual.weights(step));
  }
}
