package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Processes that hang, and runs killed as a whole, cost time, never results. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecoveryIT {
  /**
   * Large enough that writing a checkpoint can be caught in the act, and a run be killed half-way.
   */
  private static final String[] LARGER = {
    "--set",
    "model.width=192",
    "--set",
    "model.layers=4",
    "--set",
    "training.steps=60",
    "--set",
    "training.checkpointEvery=10",
    "--set",
    "training.evaluateEvery=0"
  };

  private TrainingFixture fixture;
  private TrainedRun undisturbed;

  @BeforeAll
  void trainUndisturbed(@TempDir Path folder) throws IOException {
    fixture = TrainingFixture.prepare(folder);
    Shardfire.succeed(fixture.pretrain("undisturbed", 2, LARGER));
    undisturbed = fixture.run("undisturbed");
  }

  /** A stopped process neither answers nor ends, as one does whose machine swaps. */
  @Test
  void shouldReplaceAnExecutorThatHangsAndFinishWithTheSameBits() {
    String[] arguments =
        fixture.pretrain("hung", 2, concat(LARGER, "--set", "cluster.networkTimeoutSeconds=10"));
    try (RunningCommand command = Shardfire.start(arguments)) {
      command.awaitLine(line -> line.contains("checkpoint") && line.contains("step-00000020"));
      command.pause(command.executors().get(1));
      Shardfire.Result result = command.await();
      assertEquals(0, result.exitCode(), result::transcript);
      assertTrue(
          result.lines().stream()
              .anyMatch(
                  line ->
                      line.matches(
                          "FAILED after step \\d+: Executor \\d \\(rank \\d\\) on \\S+ hung: its task"
                              + " had not ended 45 seconds after Spark had stopped it, so it was"
                              + " killed, and another was asked for; Rank \\d on .* failed: .*")),
          result::transcript);
      assertTrue(result.text().contains("RESTART 1 of at most 3"), result::transcript);
    }
    ReproducibilityIT.assertSameAs(undisturbed, fixture.run("hung"), 60);
  }

  @Test
  void shouldSaveTheStepUnderWayWhenToldToStop() {
    TrainedRun run = fixture.run("stopped");
    Shardfire.Result stopped;
    try (RunningCommand command = Shardfire.start(fixture.pretrain("stopped", 2, LARGER))) {
      command.awaitLine(line -> line.contains("checkpoint") && line.contains("step-00000020"));
      command.terminate();
      stopped = command.await();
    }
    assertEquals(143, stopped.exitCode(), stopped::transcript);
    long last = run.metric("step", "loss").lastKey();
    assertTrue(last < 60, stopped::transcript);
    assertEquals(List.of(), run.uncommitted());
    assertTrue(stopped.text().contains("step " + last + "  checkpoint "), stopped::transcript);

    Shardfire.Result resumed =
        Shardfire.succeed(fixture.pretrain("stopped", 2, concat(LARGER, "--resume")));
    assertTrue(resumed.text().contains("going on after step " + last), resumed::transcript);
    ReproducibilityIT.assertSameAs(undisturbed, run, 60);
  }

  @Test
  void shouldUseThePreviousCheckpointWhenKilledWhileWriting() throws Exception {
    TrainedRun run = fixture.run("torn");
    Files.createDirectories(run.folder());
    try (WatchService watch = run.folder().getFileSystem().newWatchService();
        RunningCommand command = Shardfire.start(fixture.pretrain("torn", 2, LARGER))) {
      run.folder().register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      awaitCreated(watch, "step-00000030");
      command.killAll();
    }
    List<Path> torn = run.uncommitted();
    assertEquals(List.of(run.step(30)), torn, "the kill came after the commit");
    assertTrue(Files.exists(run.step(20).resolve("manifest.json")));

    Shardfire.Result inspected = Shardfire.succeed("inspect", run.folder().toString());
    assertTrue(inspected.text().contains("20"), inspected::transcript);

    Shardfire.Result resumed =
        Shardfire.succeed(fixture.pretrain("torn", 2, concat(LARGER, "--resume")));
    assertTrue(resumed.text().contains("20"), resumed::transcript);
    assertFalse(Files.exists(run.step(10)), "retention keeps two checkpoints");
    ReproducibilityIT.assertSameAs(undisturbed, run, 60);
  }

  private static void awaitCreated(WatchService watch, String name) throws InterruptedException {
    while (true) {
      WatchKey key = watch.poll(Shardfire.DEADLINE.toSeconds(), TimeUnit.SECONDS);
      assertTrue(key != null, () -> name + " was never created");
      for (WatchEvent<?> event : key.pollEvents()) {
        if (name.equals(String.valueOf(event.context()))) {
          return;
        }
      }
      key.reset();
    }
  }

  private static String[] concat(String[] first, String... more) {
    String[] all = java.util.Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }
}
