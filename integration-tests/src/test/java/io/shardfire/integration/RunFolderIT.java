package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One run at a time writes into a folder, and no attempt erases what the one before wrote. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RunFolderIT {
  private static final String LONG = "training.steps=1000000";

  private TrainingFixture fixture;

  @BeforeAll
  void prepare(@TempDir Path folder) throws IOException {
    fixture = TrainingFixture.prepare(folder);
  }

  private String[] pretrain(String run, String steps, String... more) {
    return Stream.concat(
            Stream.of(
                fixture.pretrain(run, 1, "--set", steps, "--set", "training.evaluateEvery=0")),
            Stream.of(more))
        .toArray(String[]::new);
  }

  private static void assertRefused(Shardfire.Result result) {
    assertEquals(1, result.exitCode(), result::transcript);
    assertEquals(2, result.lines().size(), result::transcript);
    assertTrue(
        result.lines().get(1).startsWith("  - The run folder belongs to a run that is going on: "),
        result::transcript);
    assertTrue(result.text().contains("holder="), result::transcript);
  }

  private long newestStep(TrainedRun run) throws IOException {
    try (Stream<Path> files = Files.list(run.folder())) {
      return files
          .filter(file -> Files.exists(file.resolve("manifest.json")))
          .map(file -> file.getFileName().toString().replace("step-", ""))
          .mapToLong(Long::parseLong)
          .max()
          .orElseThrow();
    }
  }

  @Test
  void shouldRefuseASecondRunAndGoOnAtOnceAfterAKill() throws IOException {
    TrainedRun run = fixture.run("shared");
    try (RunningCommand first = Shardfire.start(pretrain("shared", LONG))) {
      first.awaitLine(line -> line.contains("checkpoint") && line.contains("step-00000020"));
      for (String asked : List.of("--overwrite", "--resume")) {
        assertRefused(Shardfire.run(pretrain("shared", LONG, "--set", "training.seed=8", asked)));
      }
      first.killAll();
    }
    long newest = newestStep(run);
    Shardfire.Result resumed =
        Shardfire.succeed(pretrain("shared", "training.steps=" + (newest + 20), "--resume"));

    assertTrue(resumed.text().contains("taking the run folder over: "), resumed::transcript);
    assertTrue(resumed.text().contains("going on after step " + newest), resumed::transcript);
    assertEquals(newest + 20, newestStep(run));
  }

  @Test
  void shouldResumeAndNotEraseWhenASubmissionIsTriedAgain() throws IOException {
    TrainedRun run = fixture.run("submitted");
    try (RunningCommand first =
        Shardfire.start(pretrain("submitted", LONG, "--overwrite", "--submission-id", "one"))) {
      first.awaitLine(line -> line.contains("checkpoint") && line.contains("step-00000020"));
      first.killAll();
    }
    long newest = newestStep(run);
    String few = "training.steps=" + (newest + 20);
    Shardfire.Result again =
        Shardfire.succeed(pretrain("submitted", few, "--overwrite", "--submission-id", "one"));

    assertTrue(
        again
            .text()
            .contains(
                "An earlier attempt of submission one began this run; going on from its newest"
                    + " checkpoint"),
        again::transcript);
    assertTrue(again.text().contains("going on after step " + newest), again::transcript);
    assertTrue(Files.exists(run.step(newest)));

    Shardfire.Result other =
        Shardfire.succeed(
            pretrain("submitted", "training.steps=20", "--overwrite", "--submission-id", "two"));

    assertFalse(other.text().contains("going on"), other::transcript);
    assertFalse(Files.exists(run.step(newest + 20)));
    assertEquals(20, newestStep(run));
  }

  @Test
  void shouldRefuseWhatTheDriverKnowsBeforeSparkStarts() {
    Shardfire.Result result =
        Shardfire.run(pretrain("early", LONG, "--conf", "spark.dynamicAllocation.enabled=true"));

    assertNotEquals(0, result.exitCode());
    assertEquals(
        List.of(
            "error: The run cannot start, 1 problem:",
            "  - Spark refuses barrier stages under dynamic allocation:"
                + " spark.dynamicAllocation.enabled=true. Set"
                + " spark.dynamicAllocation.enabled=false."),
        result.lines());
    assertFalse(Files.exists(fixture.run("early").folder()));
  }
}
