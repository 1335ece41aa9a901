package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the rows of a source to a model, in one command. */
class RowsIT {
  private static final List<String> SETTINGS =
      List.of(
          "prepare.format=json",
          "prepare.columns.messages=talk",
          "prepare.tokenizer=char",
          "prepare.validationFraction=0.3",
          "model.layers=1",
          "model.heads=1",
          "model.width=32",
          "model.context=32",
          "training.steps=150",
          "training.microBatch=4",
          "training.learningRate=1e-2",
          "training.warmupSteps=10",
          "training.evaluateEvery=0",
          "training.checkpointEvery=150");

  @TempDir private Path folder;

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private String[] pretrain(String run, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("pretrain", "--master", "local[1]", "--prepare"));
    arguments.addAll(List.of("--data", path("corpus"), "--run", path(run)));
    SETTINGS.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    arguments.addAll(List.of("--set", "prepare.input=" + path("talks.json")));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  /** Whoever asks for a number is told yes. */
  private void writeConversations() throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      rows.append("{\"talk\": [{\"role\": \"user\", \"content\": \"")
          .append(i)
          .append(
              "?\"}, {\"role\": \"bot\", \"content\": \"yes.\"}, {\"role\": \"user\", \"content\": \"")
          .append(59 - i)
          .append("?\"}, {\"role\": \"bot\", \"content\": \"yes.\"}]}\n");
    }
    Files.writeString(folder.resolve("talks.json"), rows);
  }

  @Test
  void shouldTurnConversationsIntoAModelThatAnswers() throws IOException {
    writeConversations();
    Files.createDirectories(folder.resolve("taken/step-00000001"));

    Shardfire.Result dry = Shardfire.succeed(pretrain("run", "--dry-run"));
    assertTrue(
        dry.text().contains("conversations of source=input format=json input=["), dry::transcript);
    assertTrue(dry.text().contains("action      make the corpus, then start at step 0"));
    Shardfire.Result taken = Shardfire.run(pretrain("taken"));
    assertNotEquals(0, taken.exitCode(), taken::transcript);
    assertEquals(
        "error: The run cannot start, 1 problem:", taken.lines().get(0), taken::transcript);
    assertFalse(Files.exists(folder.resolve("corpus")));
    assertFalse(Files.exists(folder.resolve("run")));

    Shardfire.succeed(pretrain("run"));
    Shardfire.Result generated =
        Shardfire.succeed(
            "generate",
            "--model",
            path("run"),
            "--special-tokens",
            "parse",
            "--prompt",
            "<|im_start|>user\n7?<|im_end|>\n<|im_start|>bot\n",
            "--stop",
            "<|im_end|>",
            "--temperature",
            "0",
            "--max-tokens",
            "12",
            "--json");
    JsonNode answer =
        new ObjectMapper()
            .readTree(
                generated.lines().stream()
                    .filter(l -> l.startsWith("{"))
                    .findFirst()
                    .orElseThrow());
    assertEquals("yes.", answer.get("text").asText(), generated::transcript);
    assertEquals("stop", answer.get("finish").asText(), generated::transcript);
    // A marker is one token, and the rest is characters.
    assertEquals(
        "user\n7?\nbot\n".length() + 3, answer.get("promptTokens").asInt(), generated::transcript);
  }

  @Test
  void shouldSayInOneLineWhichSourceIsDamaged() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("text\n".getBytes(StandardCharsets.UTF_8));
      for (int i = 0; i < 50_000; i++) {
        gzip.write("row %d of many\n".formatted(i * 7919L).getBytes(StandardCharsets.UTF_8));
      }
    }
    Files.write(
        folder.resolve("rows.csv.gz"), Arrays.copyOf(bytes.toByteArray(), bytes.size() / 2));

    Shardfire.Result result =
        Shardfire.run(
            "prepare",
            "--master",
            "local[1]",
            "--format",
            "csv",
            "--option",
            "header=true",
            "--input",
            path("rows.csv.gz"),
            "--output",
            path("never-written"));

    assertNotEquals(0, result.exitCode(), result::transcript);
    List<String> said =
        result.lines().stream().filter(line -> !line.startsWith("waiting for ")).toList();
    assertEquals(2, said.size(), result::transcript);
    assertEquals("starting Spark: master=local[1]", said.get(0), result::transcript);
    assertTrue(
        said.get(1).startsWith("error: Cannot read: source=input format=csv input=["),
        result::transcript);
    assertTrue(said.get(1).contains("rows.csv.gz"), result::transcript);
    assertFalse(Files.exists(folder.resolve("never-written")));
  }
}
