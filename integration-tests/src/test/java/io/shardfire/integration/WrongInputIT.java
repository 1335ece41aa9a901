package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every wrong input ends with a message that names the value and the remedy, and a non-zero exit
 * code.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WrongInputIT {
  private TrainingFixture fixture;
  private Path folder;

  @BeforeAll
  void prepare(@TempDir Path temporary) throws IOException {
    folder = temporary;
    fixture = TrainingFixture.prepare(temporary);
    Shardfire.succeed(fixture.pretrain("trained", 2, "--set", "training.steps=10"));
  }

  @Test
  void shouldNameAMissingCorpus() {
    Path absent = folder.resolve("absent.txt");
    refused(
        Shardfire.run("prepare", "--input", absent.toString(), "--output", out()), "absent.txt");
  }

  @Test
  void shouldNameAnEmptyCorpus() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.txt"));
    refused(Shardfire.run("prepare", "--input", empty.toString(), "--output", out()), "empty.txt");
  }

  @Test
  void shouldNameFileAndPlaceOfInvalidUtf8() throws IOException {
    Path file = folder.resolve("latin.txt");
    Files.write(file, "first line\ncaf\u00e9 line\n".getBytes(StandardCharsets.ISO_8859_1));
    refused(
        Shardfire.run("prepare", "--input", file.toString(), "--output", out()),
        "latin.txt",
        "UTF-8",
        "14");
  }

  @Test
  void shouldRefuseExistingOutput() {
    refused(
        Shardfire.run("prepare", "--config", fixture.configuration().toString()),
        "--overwrite",
        "data");
    refused(Shardfire.run(fixture.pretrain("trained", 2)), "--resume", "--overwrite", "trained");
  }

  @Test
  void shouldRefuseAVocabularyThatDoesNotMatchTheShards() {
    refused(
        Shardfire.run(fixture.pretrain("vocabulary", 2, "--set", "model.vocabularySize=11")),
        "vocabularySize",
        "11");
  }

  @Test
  void shouldRefuseABatchThatDoesNotDivide() {
    refused(
        Shardfire.run(fixture.pretrain("batch", 2, "--set", "training.logicalShards=3")),
        "logicalShards=3",
        "2");
  }

  @Test
  void shouldRefuseMoreRanksThanSlots() {
    refused(
        Shardfire.run(
            fixture.pretrain(
                "slots", 2, "--set", "cluster.ranks=4", "--set", "training.logicalShards=4")),
        "ranks",
        "4",
        "2");
  }

  @Test
  void shouldListAllProblemsAtOnce() {
    refused(
        Shardfire.run(
            fixture.pretrain(
                "many",
                2,
                "--set",
                "training.logicalShards=3",
                "--set",
                "model.vocabularySize=11")),
        "logicalShards=3",
        "vocabularySize");
  }

  @Test
  void shouldRefuseAnUnwritableOutput() {
    // A path below a regular file cannot be created by anyone, root included.
    Path below = fixture.configuration().resolve("run");
    refused(
        Shardfire.run(
            "pretrain", "--config", fixture.configuration().toString(), "--run", below.toString()),
        "run.yaml");
  }

  @Test
  void shouldSuggestTheNearestKey() throws IOException {
    refused(
        Shardfire.run(fixture.pretrain("key", 2, "--set", "model.layer=6")),
        "model.layer",
        "layers");
    Path file = folder.resolve("typo.yaml");
    Files.writeString(file, "model:\n  layers: 2\ntrainig:\n  steps: 5\n");
    refused(
        Shardfire.run("pretrain", "--config", file.toString()), "trainig", "training", "typo.yaml");
  }

  @Test
  void shouldNameADamagedCheckpoint() throws IOException {
    Shardfire.succeed(fixture.pretrain("damaged", 2, "--set", "training.steps=10"));
    Path weights = fixture.run("damaged").step(10).resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length / 2] ^= 1;
    Files.write(weights, bytes);
    refused(
        Shardfire.run("inspect", fixture.run("damaged").step(10).toString()),
        "model.safetensors",
        "expected",
        "actual");
    refused(
        Shardfire.run(
            "generate", "--model", fixture.run("damaged").step(10).toString(), "--prompt", "the"),
        "model.safetensors");
    refused(
        Shardfire.run(fixture.pretrain("damaged", 2, "--resume")),
        "model.safetensors",
        "expected",
        "actual");
  }

  @Test
  void shouldNameUnknownCharactersOfAPrompt() {
    refused(
        Shardfire.run(
            "generate",
            "--model",
            fixture.run("trained").folder().toString(),
            "--prompt",
            "the \u00df"),
        "U+00DF");
  }

  @Test
  void shouldExplainAMissingOpenClDevice() throws IOException {
    Path nothing = Files.createDirectories(folder.resolve("no-vendors"));
    ProcessBuilder builder =
        new ProcessBuilder(Shardfire.distribution().resolve("bin/shardfire").toString(), "doctor");
    Map<String, String> environment = new HashMap<>();
    environment.put("OCL_ICD_VENDORS", nothing.toString());
    builder.environment().putAll(environment);
    refused(Shardfire.start(builder).await(), "pocl-opencl-icd");
  }

  private String out() {
    return folder.resolve("never-written").toString();
  }

  /** Asserts a failure that says all of {@code parts}, and shows no stack trace. */
  private static void refused(Shardfire.Result result, String... parts) {
    assertNotEquals(0, result.exitCode(), result::transcript);
    for (String part : parts) {
      assertTrue(
          result.text().contains(part), () -> "missing: " + part + "\n" + result.transcript());
    }
    assertEquals(
        0, result.lines().stream().filter(l -> l.startsWith("\tat ")).count(), result::transcript);
    assertFalse(result.text().isBlank());
  }
}
