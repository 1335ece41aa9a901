package io.shardfire.sharding.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointDamageTest {
  @TempDir Path run;
  private Path newest;

  @BeforeEach
  void write() {
    Ranks.save(store(), 2, Ranks.ONE_FILE, 5, 10, 20, 30);
    newest = run.resolve("step-00000030");
  }

  @Test
  void shouldFindTheNewest() {
    assertEquals(List.of(10L, 20L, 30L), store().committedSteps());
    assertEquals(Optional.of(30L), store().newestValid());
    assertEquals(List.of(), store().verify(30));
  }

  @Test
  void shouldPassOverAFlippedByte() throws IOException {
    String name = "optimizer-00001-of-00002.safetensors";
    byte[] bytes = Files.readAllBytes(newest.resolve(name));
    String good = entry(name).sha256();
    bytes[bytes.length / 2] ^= 1;
    Files.write(newest.resolve(name), bytes);
    List<String> problems = store().verify(30);
    assertEquals(1, problems.size());
    assertTrue(
        problems.get(0).contains(name + ", expected sha256=" + good + ", actual sha256="),
        problems.get(0));
    assertFallsBack();
  }

  @Test
  void shouldPassOverATruncatedFile() throws IOException {
    long size = entry("model.safetensors").bytes();
    byte[] bytes = Files.readAllBytes(newest.resolve("model.safetensors"));
    Files.write(newest.resolve("model.safetensors"), Arrays.copyOf(bytes, bytes.length - 3));
    assertProblem("model.safetensors, expected bytes=" + size + ", actual bytes=" + (size - 3));
    assertFallsBack();
  }

  @Test
  void shouldPassOverAMissingFile() throws IOException {
    Files.delete(newest.resolve("config.json"));
    assertProblem("config.json, expected bytes=14, actual=missing");
    assertFallsBack();
  }

  @Test
  void shouldReadACopyUnderAnyNameByItsManifest() throws IOException {
    for (String name : List.of("best", "step-20", "step-00000040")) {
      Path copy = Files.createDirectory(run.resolve("copies-" + name)).resolve(name);
      Files.createDirectory(copy);
      for (Manifest.Entry file : store().manifest(30).files()) {
        Files.copy(newest.resolve(file.name()), copy.resolve(file.name()));
      }
      CheckpointFolder folder =
          CheckpointFolder.of(
              new Configuration(false), new org.apache.hadoop.fs.Path(copy.toString()));
      assertTrue(folder.isUnfinished());
      assertEquals(
          List.of("file=" + copy.resolve("manifest.json") + ", actual=missing"), folder.verify());

      Files.copy(newest.resolve("manifest.json"), copy.resolve("manifest.json"));
      assertFalse(folder.isUnfinished());
      assertEquals(List.of(), folder.verify());
      CheckpointSummary summary = CheckpointInspector.inspect(folder, List.of());
      assertEquals(30, summary.step());
      assertEquals(copy.toString(), summary.folder());
      assertEquals(List.of(), summary.damage());

      Files.writeString(copy.resolve("config.json"), "{\"n_layer\":2}\n");
      assertEquals(1, folder.verify().size());
      assertEquals(folder.verify(), CheckpointInspector.inspect(folder, List.of()).damage());
    }
  }

  @Test
  void shouldNotInspectAFolderWithoutManifest() throws IOException {
    Files.delete(newest.resolve("manifest.json"));
    CheckpointException e =
        assertThrows(
            CheckpointException.class,
            () -> CheckpointInspector.inspect(store().checkpoint(30), List.of()));
    assertTrue(e.getMessage().startsWith("Not a checkpoint: file="), e.getMessage());
  }

  @Test
  void shouldNotSeeAStepWithoutManifest() throws IOException {
    Files.delete(newest.resolve("manifest.json"));
    assertEquals(List.of(10L, 20L), store().committedSteps());
    assertEquals(Optional.of(20L), store().newestValid());
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> CheckpointReader.open(store(), 30));
    assertTrue(e.getMessage().contains("step=30, missing file="), e.getMessage());
    assertTrue(e.getMessage().contains("committed steps=[10, 20]"), e.getMessage());
  }

  @Test
  void shouldPassOverAForeignManifest() throws IOException {
    Path manifest = newest.resolve("manifest.json");
    String text = Files.readString(manifest);
    Files.writeString(manifest, text.replace("\"formatVersion\" : 2", "\"formatVersion\" : 7"));
    assertProblem("expected=2, actual=7");
    assertFallsBack();
    Files.writeString(manifest, text.replace("\"step\" : 30", "\"step\" : 31"));
    assertProblem("expected step=30, actual step=31");
    Files.writeString(manifest, text.substring(0, text.length() / 2));
    assertProblem("Checkpoint manifest is damaged: file=");
    Files.writeString(manifest, text.replace("config.json", "../config.json"));
    assertProblem("file=../config.json");
    Files.writeString(manifest, text);
    assertEquals(Optional.of(30L), store().newestValid());
  }

  @Test
  void shouldRetainTheNewestValidSteps() throws IOException {
    CheckpointStore store = store();
    store.retain(2);
    assertEquals(List.of(20L, 30L), store.committedSteps());
    assertTrue(Files.notExists(run.resolve("step-00000010")));
  }

  @Test
  void shouldNeverRemoveTheLastValidStep() throws IOException {
    Files.delete(newest.resolve("config.json"));
    Files.delete(run.resolve("step-00000010/manifest.json"));
    Files.createDirectories(run.resolve("step-00000040"));
    Files.createDirectories(run.resolve("samples"));
    CheckpointStore store = store();
    store.retain(1);
    assertEquals(Optional.of(20L), store.newestValid());
    assertTrue(Files.notExists(run.resolve("step-00000010")), "uncommitted and older");
    assertTrue(Files.exists(run.resolve("step-00000040")), "may be under way");
    assertTrue(Files.exists(run.resolve("samples")), "not a checkpoint");
  }

  @Test
  void shouldRemoveNothingWhileNoStepIsValid() throws IOException {
    for (String step : List.of("10", "20", "30")) {
      Files.delete(run.resolve("step-000000" + step).resolve("trainer.json"));
    }
    store().retain(1);
    assertEquals(List.of(10L, 20L, 30L), store().committedSteps());
    assertEquals(Optional.empty(), store().newestValid());
  }

  @Test
  void shouldKnowThatAnAbsentRunHasNoSteps() {
    CheckpointStore absent =
        CheckpointStore.open(
            new Configuration(false), new org.apache.hadoop.fs.Path(run.resolve("no").toUri()));
    assertEquals(List.of(), absent.committedSteps());
    assertEquals(Optional.empty(), absent.newestValid());
  }

  @Test
  void shouldInspectSoundAndDamagedCheckpoints() throws IOException {
    CheckpointSummary sound =
        CheckpointInspector.inspect(store().checkpoint(30), store().committedSteps());
    assertEquals(List.of(), sound.damage());
    assertEquals(8478, sound.parameters());
    assertEquals(6, sound.tensors().size());
    assertEquals("h.0.attn.bias", sound.tensors().get(0).name());
    assertEquals("{\"step\":7}\n", sound.documents().get("trainer.json"));
    CheckpointSummary.TensorSummary last = sound.tensors().get(3);
    assertEquals("ln_f.weight", last.name());
    double squares = 0;
    float maxAbs = 0;
    for (int i = 0; i < 5; i++) {
      float value = SampleModel.value(SampleModel.State.WEIGHT, "ln_f.weight", i, 30);
      squares += (double) value * value;
      maxAbs = Math.max(maxAbs, Math.abs(value));
    }
    assertEquals(
        new CheckpointSummary.ValueSummary(5, Math.sqrt(squares), maxAbs, 0), last.values());
    // Two ranks own parts of the first two units; the last unit is in the first rank's shard.
    assertEquals(10, sound.slices().size());

    byte[] bytes = Files.readAllBytes(newest.resolve("model.safetensors"));
    Files.write(newest.resolve("model.safetensors"), Arrays.copyOf(bytes, bytes.length - 3));
    CheckpointSummary damaged =
        CheckpointInspector.inspect(store().checkpoint(30), store().committedSteps());
    assertEquals(1, damaged.damage().size());
    assertTrue(damaged.damage().get(0).contains("model.safetensors, expected bytes="));
    assertEquals(0, damaged.tensors().size());
    assertEquals(10, damaged.slices().size());
  }

  @Test
  void shouldCountNonFiniteValues() throws IOException {
    Path file = newest.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    // The last tensor of the last unit ends the file: make its last element NaN.
    bytes[bytes.length - 1] = 0x7F;
    bytes[bytes.length - 2] = (byte) 0xC0;
    Files.write(file, bytes);
    CheckpointSummary summary =
        CheckpointInspector.inspect(store().checkpoint(30), store().committedSteps());
    assertEquals(1, summary.tensors().get(3).values().nonFinite());
    assertTrue(summary.damage().get(0).contains("expected sha256="), summary.damage().get(0));
  }

  private Manifest.Entry entry(String name) {
    return store().manifest(30).files().stream()
        .filter(file -> file.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private void assertProblem(String expected) {
    List<String> problems = store().verify(30);
    assertEquals(1, problems.size(), problems.toString());
    assertTrue(problems.get(0).contains(expected), problems.get(0));
  }

  private void assertFallsBack() {
    assertEquals(Optional.of(20L), store().newestValid());
    String problem = store().verify(30).get(0);
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> CheckpointReader.open(store(), 30));
    assertTrue(e.getMessage().contains(problem), e.getMessage());
  }

  private CheckpointStore store() {
    return CheckpointStore.open(
        new Configuration(false), new org.apache.hadoop.fs.Path(run.toUri()));
  }
}
