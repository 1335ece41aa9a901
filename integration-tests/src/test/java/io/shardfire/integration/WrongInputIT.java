package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
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
  void shouldNameUtf16() throws IOException {
    Path file = folder.resolve("wide.txt");
    Files.write(file, "plain words\n".repeat(9).getBytes(StandardCharsets.UTF_16LE));
    refused(
        Shardfire.run("prepare", "--input", file.toString(), "--output", out()),
        "Not UTF-8 but UTF-16LE",
        "wide.txt",
        "iconv -f UTF-16LE -t UTF-8");
  }

  @Test
  void shouldNameATruncatedFile() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("plain words\n".repeat(999).getBytes(StandardCharsets.UTF_8));
    }
    Path file = folder.resolve("cut.txt.gz");
    Files.write(file, Arrays.copyOf(bytes.toByteArray(), bytes.size() - 3));
    Shardfire.Result result =
        Shardfire.run("prepare", "--input", file.toString(), "--output", out());
    refused(result, "Damaged compressed file", "cut.txt.gz", "Unexpected end of");
    assertFalse(result.text().contains("TaskSetManager"), result::transcript);
    assertFalse(result.text().contains("Exception"), result::transcript);
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
  void shouldRefuseATokenizerThatDidNotMakeTheShards() throws IOException {
    Path copy = Files.createDirectory(folder.resolve("mixed"));
    try (Stream<Path> files = Files.list(folder.resolve("data"))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    Path tokenizer = copy.resolve("tokenizer.json");
    String json = Files.readString(tokenizer);
    Files.writeString(tokenizer, json.replace("\"q\"", "\"Q\""));
    refused(
        Shardfire.run(fixture.pretrain("tokenizer", 2, "--data", copy.toString())),
        "tokenizer.json",
        "expected hash=",
        "actual hash=");
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

  /** Every executor reads its own file of options, for Spark puts its number into the name. */
  @Test
  void shouldRefuseExecutorsThatComputeDifferently() throws IOException {
    Files.writeString(folder.resolve("options-0"), "-Dshardfire.kernels.lanes=8\n");
    Files.writeString(folder.resolve("options-1"), "-Dshardfire.kernels.lanes=16\n");
    Shardfire.Result result =
        Shardfire.run(
            fixture.pretrain(
                "differently",
                2,
                "--conf",
                "spark.executor.extraJavaOptions=-XX:+UseG1GC -XX:VMOptionsFile="
                    + folder.resolve("options-{{EXECUTOR_ID}}")));
    refused(
        result,
        "The executors do not compute the same bits: lanes=16 on executor 1 (",
        "), lanes=8 on executor 0 (",
        "Add -Dshardfire.kernels.lanes=8 to spark.executor.extraJavaOptions");
    try (Stream<Path> left = Files.list(fixture.run("differently").folder())) {
      // It was owned for a moment, and given back as it was.
      assertEquals(List.of(), left.map(path -> path.getFileName().toString()).toList());
    }
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

  /** The executors' memory is computed before Spark starts, and must not stop at the first. */
  @Test
  void shouldListAllProblemsAtOnceWhenNoMasterIsChosen() {
    Path below = fixture.configuration().resolve("run");
    refused(
        Shardfire.run(
            "pretrain",
            "--config",
            fixture.configuration().toString(),
            "--run",
            below.toString(),
            "--set",
            "cluster.ranks=2",
            "--set",
            "training.logicalShards=3",
            "--set",
            "model.context=100000"),
        "logicalShards=3",
        "needed=100001",
        below.toString());
  }

  @Test
  void shouldNameAMissingPreparedCorpus() {
    Path absent = folder.resolve("absent");
    refused(
        Shardfire.run(fixture.pretrain("corpus", 2, "--data", absent.toString())),
        absent.toString(),
        "index.json",
        "prepare");
  }

  @Test
  void shouldRefuseAnUnwritableOutput() {
    // A path below a regular file cannot be created by anyone, root included.
    Path below = fixture.configuration().resolve("run");
    refused(
        Shardfire.run(
            "prepare",
            "--config",
            fixture.configuration().toString(),
            "--output",
            below.toString()),
        "run.yaml");
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

  /** Alike with and without --dry-run; the checkpoint stays as it is. */
  @Test
  void shouldRefuseToResumeAnotherModel() {
    var weights = fixture.run("trained").checkpoint(10).weights();
    String[] changed = {
      "--resume", "--set", "model.heads=6", "--set", "model.dropout=0.2", "--set", "training.seed=8"
    };
    String[] dry = java.util.Arrays.copyOf(changed, changed.length + 1);
    dry[changed.length] = "--dry-run";
    for (String[] more : List.of(changed, dry)) {
      refused(
          Shardfire.run(fixture.pretrain("trained", 2, more)),
          "3 problems",
          "model.heads=6, checkpoint=3. Set model.heads=3",
          "training.seed=8, checkpoint=7",
          "model.dropout=0.2, checkpoint=0.1",
          "--allow-change model.dropout");
    }
    assertEquals(weights, fixture.run("trained").checkpoint(10).weights());
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
  void shouldExplainAMissingOpenClDevice() {
    refused(withoutOpenCl("doctor"), "pocl-opencl-icd");
    refused(
        withoutOpenCl(
            "generate", "--model", fixture.run("trained").folder().toString(), "--prompt", "the"),
        "No OpenCL device found",
        "pocl-opencl-icd");
    Shardfire.Result training = withoutOpenCl(fixture.pretrain("no-device", 2));
    refused(training, "No OpenCL device found", "device=auto", "executor");
    assertEquals(2, training.text().split("pocl-opencl-icd", -1).length, training::transcript);
    assertEquals(2, training.text().split("device=auto", -1).length, training::transcript);
  }

  private static Shardfire.Result withoutOpenCl(String... arguments) {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.add(0, Shardfire.distribution().resolve("bin/shardfire").toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OCL_ICD_VENDORS", "/nonexistent/");
    return Shardfire.start(builder).await();
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
