package io.shardfire.sharding.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.sharding.layout.ShardLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointFaultTest {
  @TempDir Path run;

  @BeforeEach
  void writeAnEarlierCheckpoint() {
    Ranks.save(sound(), 2, Ranks.ONE_FILE, 3, 10);
  }

  @ParameterizedTest
  @CsvSource({
    "mkdirs, step-00000020, 0",
    "create, model.safetensors, 0",
    "write, model.safetensors, 0",
    "write, optimizer-00000-of-00002.safetensors, 0",
    "create, optimizer-00001-of-00002.safetensors, 1",
    "write, optimizer-00001-of-00002.safetensors, 1",
    "write, trainer.json, 0",
    "write, .manifest.json.tmp, 0",
    "rename, manifest.json, 0"
  })
  void shouldKeepTheEarlierCheckpointWhateverFails(String operation, String name, int rank)
      throws IOException {
    CheckpointStore faulty = faulty(false, operation, name);
    List<Throwable> failures = Ranks.trySave(faulty, 2, Ranks.ONE_FILE, 3, 20);
    for (Throwable failure : failures) {
      String message = assertInstanceOf(CheckpointException.class, failure).getMessage();
      assertTrue(message.contains("step=20, failed rank=" + rank), message);
      assertTrue(message.contains("No space left on device"), message);
      assertTrue(message.contains("step-00000020"), message);
    }
    assertEquals(Optional.of(10L), sound().newestValid());
    Ranks.save(sound(), 2, Ranks.ONE_FILE, 3, 20);
    assertEquals(Optional.of(20L), sound().newestValid());
  }

  /** The process is gone in the middle of an operation; another one goes on with 3 ranks. */
  @ParameterizedTest
  @CsvSource({
    "create, model.safetensors",
    "write, optimizer-00000-of-00002.safetensors",
    "create, config.json",
    "create, .manifest.json.tmp",
    "write, .manifest.json.tmp",
    "rename, manifest.json"
  })
  void shouldReplaceWhatACrashHasLeft(String operation, String name) throws IOException {
    Ranks.trySave(faulty(true, operation, name), 2, Ranks.ONE_FILE, 3, 20);
    Path folder = run.resolve("step-00000020");
    assertTrue(Files.exists(folder));
    assertFalse(Files.exists(folder.resolve("manifest.json")));
    Files.writeString(folder.resolve("left-over"), "x");
    assertEquals(Optional.of(10L), sound().newestValid());

    Ranks.save(sound(), 3, Ranks.ONE_FILE, 3, 20);
    assertEquals(Optional.of(20L), sound().newestValid());
    assertFalse(Files.exists(folder.resolve("left-over")));
    assertFalse(Files.exists(folder.resolve(".manifest.json.tmp")));
    assertFalse(Files.exists(folder.resolve("optimizer-00000-of-00002.safetensors")));
  }

  @Test
  void shouldFreeTheDiskAfterAFailure() throws IOException {
    Ranks.trySave(faulty(false, "write", "model.safetensors"), 2, Ranks.ONE_FILE, 3, 20);
    assertFalse(Files.exists(run.resolve("step-00000020")));
  }

  @Test
  void shouldSurfaceFailuresAtTheNextSave() throws IOException {
    CheckpointStore faulty = faulty(false, "write", "model.safetensors");
    List<Throwable> failures = Ranks.trySave(faulty, 2, Ranks.ONE_FILE, 3, 20, 30);
    failures.forEach(
        failure ->
            assertTrue(
                assertInstanceOf(CheckpointException.class, failure)
                    .getMessage()
                    .contains("step=20")));
    assertFalse(Files.exists(run.resolve("step-00000030")));
  }

  @Test
  void shouldReplaceADamagedStepWhenTheRunReachesItAgain() throws IOException {
    Ranks.save(sound(), 2, Ranks.ONE_FILE, 3, 20);
    Files.delete(run.resolve("step-00000020/config.json"));
    assertEquals(Optional.of(10L), sound().newestValid());
    Ranks.save(sound(), 1, Ranks.ONE_FILE, 3, 20);
    assertEquals(Optional.of(20L), sound().newestValid());
  }

  @Test
  void shouldDeleteOldStepsAsItGoes() {
    Ranks.save(sound(), 2, Ranks.ONE_FILE, 2, 20, 30, 40);
    assertEquals(List.of(30L, 40L), sound().committedSteps());
  }

  @Test
  void shouldFailWhenARankIsLost() {
    InProcessGroup group = InProcessGroup.of(2, Duration.ofSeconds(60));
    group.communicator(1).close();
    ShardLayout layout = SampleModel.layout(2);
    CheckpointWriter writer =
        CheckpointWriter.create(
            sound(),
            layout,
            SampleModel.moments(layout),
            group.communicator(0),
            Ranks.ONE_FILE,
            true,
            3,
            Ranks.TICKET);
    Ranks.saveStep(writer, layout, 0, 20);
    CheckpointException e = assertThrows(CheckpointException.class, writer::close);
    assertTrue(
        e.getMessage().contains("the ranks cannot agree: step=20, gather=0, rank=0"),
        e.getMessage());
    assertEquals(Optional.of(10L), sound().newestValid());
  }

  /** The file system lets the slow rank go on only after several gathers. */
  @Test
  void shouldTellTheOthersThatItIsStillWriting() throws Exception {
    CountDownLatch gathers = new CountDownLatch(10);
    CheckpointStore slow =
        CheckpointStore.of(
            FaultyFileSystem.create(
                false,
                (operation, name) -> {
                  if (name.equals("optimizer-00001-of-00002.safetensors")) {
                    await(gathers);
                  }
                  return false;
                }),
            new org.apache.hadoop.fs.Path(run.toUri()));
    InProcessGroup group = InProcessGroup.of(2, Duration.ofSeconds(60));
    ShardLayout layout = SampleModel.layout(2);
    List<CheckpointWriter> writers = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      writers.add(
          CheckpointWriter.create(
              slow,
              layout,
              SampleModel.moments(layout),
              new CountingCommunicator(group.communicator(rank), gathers),
              Ranks.ONE_FILE,
              true,
              3,
              Ranks.TICKET,
              Duration.ofMillis(1)));
    }
    for (int rank = 0; rank < 2; rank++) {
      Ranks.saveStep(writers.get(rank), layout, rank, 20);
    }
    writers.forEach(CheckpointWriter::close);
    assertEquals(0, gathers.getCount());
    assertEquals(Optional.of(20L), sound().newestValid());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldRejectWrongArguments() {
    InProcessGroup group = InProcessGroup.of(1, Duration.ofSeconds(60));
    ShardLayout layout = SampleModel.layout(1);
    assertThrows(
        IllegalArgumentException.class,
        () ->
            CheckpointWriter.create(
                sound(),
                layout,
                SampleModel.moments(layout),
                group.communicator(0),
                1,
                true,
                0,
                Ranks.TICKET));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            CheckpointWriter.create(
                sound(),
                layout,
                SampleModel.moments(layout),
                group.communicator(0),
                0,
                true,
                1,
                Ranks.TICKET));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            CheckpointWriter.create(
                sound(),
                SampleModel.layout(2),
                SampleModel.moments(layout),
                group.communicator(0),
                Ranks.ONE_FILE,
                true,
                1,
                Ranks.TICKET));
    try (CheckpointWriter writer =
        CheckpointWriter.create(
            sound(),
            layout,
            SampleModel.moments(layout),
            group.communicator(0),
            Ranks.ONE_FILE,
            true,
            3,
            Ranks.TICKET)) {
      List<FloatRange> state = SampleModel.filled(layout, 0);
      List<FloatRange> small = new ArrayList<>(state);
      small.set(1, state.get(1).slice(0, 100));
      assertRejected(
          "state=parameters, unit=h.0, floats=100, expected=5120", writer, 20, small, Map.of());
      assertRejected("file=../x", writer, 20, state, Map.of("../x", ""));
      assertRejected("file=manifest.json", writer, 20, state, Map.of("manifest.json", ""));
      assertRejected("document=model.json", writer, 20, state, Map.of("model.json", ""));
      writer.save(20, state, List.of(state, state), new TreeMap<>());
      assertRejected("step=20, last step=20", writer, 20, state, Map.of());
    }
  }

  private static void assertRejected(
      String expected,
      CheckpointWriter writer,
      long step,
      List<FloatRange> state,
      Map<String, String> documents) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> writer.save(step, state, List.of(state, state), documents));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private CheckpointStore faulty(boolean crashes, String operation, String name)
      throws IOException {
    BiPredicate<String, String> fault = (o, n) -> o.equals(operation) && n.equals(name);
    return CheckpointStore.of(
        FaultyFileSystem.create(crashes, fault), new org.apache.hadoop.fs.Path(run.toUri()));
  }

  private CheckpointStore sound() {
    return CheckpointStore.open(
        new Configuration(false), new org.apache.hadoop.fs.Path(run.toUri()));
  }
}
