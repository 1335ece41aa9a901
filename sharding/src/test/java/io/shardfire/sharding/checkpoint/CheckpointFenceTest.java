package io.shardfire.sharding.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group writes only while its generation is the newest of the folder. */
class CheckpointFenceTest {
  @TempDir Path run;

  @BeforeEach
  void commitOneStep() throws IOException {
    claim(Ranks.TICKET.generation(), Ranks.TICKET.owner());
    Ranks.save(store(name -> false), 2, Ranks.ONE_FILE, 1, 10);
  }

  private void claim(long generation, String owner) {
    try {
      Path lease = Files.createDirectories(run.resolve("lease"));
      Files.writeString(
          lease.resolve("generation-0000000" + generation + ".json"),
          """
          {"formatVersion": 1, "generation": %d, "runId": "other run", "begunBy": "", "owner": "%s",
           "submission": "", "since": "2026-01-02T03:04:05Z", "periodSeconds": 60,
           "holder": {"user": "ann", "host": "far", "machine": "", "process": 7, "started": 1,
                      "application": "", "attempt": ""}}
          """
              .formatted(generation, owner));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Another driver claims the folder as soon as a chosen file is created. */
  private CheckpointStore store(Predicate<String> taken) throws IOException {
    return CheckpointStore.of(
        FaultyFileSystem.create(
            false,
            (operation, name) -> {
              if (operation.equals("create") && taken.test(name)) {
                claim(2, "other");
              }
              return false;
            }),
        new org.apache.hadoop.fs.Path(run.toUri()));
  }

  private static void assertLost(List<Throwable> failures) {
    for (Throwable failure : failures) {
      String message = failure.getMessage();
      assertTrue(
          message.contains("failed rank=0, problem=")
              && message.contains(
                  "The run folder was taken over, so this run has stopped writing into it: run=")
              && message.contains("new holder=ann@far, process=7"),
          message);
    }
  }

  @Test
  void shouldNameTheRunInTheManifest() throws IOException {
    assertEquals("run of the test", store(name -> false).manifest(10).runId());
  }

  @Test
  void shouldReadTheManifestsOfVersionsWithoutRuns() throws IOException {
    Path manifest = run.resolve("step-00000010/manifest.json");
    String text = Files.readString(manifest);
    Files.writeString(
        manifest,
        text.replace("\"formatVersion\" : 2", "\"formatVersion\" : 1")
            .replace("  \"runId\" : \"run of the test\",\n", ""));

    assertFalse(Files.readString(manifest).contains("runId"));
    assertEquals("", store(name -> false).manifest(10).runId());
    assertEquals(Optional.of(10L), store(name -> false).newestValid());
  }

  @Test
  void shouldNotTouchTheNewOwnersFolderOfTheSameStep() throws IOException {
    Path theirs = Files.createDirectories(run.resolve("step-00000020"));
    Files.writeString(theirs.resolve("model.safetensors"), "theirs");
    claim(2, "other");

    assertLost(Ranks.trySave(store(name -> false), 2, Ranks.ONE_FILE, 1, 20));

    assertEquals("theirs", Files.readString(theirs.resolve("model.safetensors")));
  }

  @Test
  void shouldNotCommitWhatItHasWrittenWhenItWasOvertaken() throws IOException {
    CheckpointStore store = store("optimizer-00001-of-00002.safetensors"::equals);

    assertLost(Ranks.trySave(store, 2, Ranks.ONE_FILE, 1, 20));

    assertEquals(List.of(10L), store.committedSteps());
    assertTrue(
        Files.exists(run.resolve("step-00000020/model.safetensors")),
        "what is there may be the new owner's");
  }

  @Test
  void shouldDeleteNoOldStepWhenItWasOvertakenWhileCommitting() throws IOException {
    CheckpointStore store = store(name -> name.contains("manifest.json"));

    assertLost(Ranks.trySave(store, 2, Ranks.ONE_FILE, 1, 20));

    assertEquals(List.of(10L, 20L), store.committedSteps());
  }
}
