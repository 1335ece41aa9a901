package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.driver.corpus.DocumentMode;
import io.shardfire.driver.corpus.TokenizerKind;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RunConfigurationReaderTest {
  private static final SortedMap<String, Object> NO_OPTIONS = Collections.emptySortedMap();

  @TempDir Path folder;

  @Test
  void shouldReadEverySection() throws IOException {
    RunConfiguration read =
        read(
            """
            data: corpora/one
            run: runs/one
            prepare:
              input: [a.txt, "b c.txt"]
              documents: blank-lines
              tokenizer: char
            model:
              layers: 6
              dropout: 0.25
            training:
              steps: 20_000
              learningRate: 1e-3
            cluster:
              ranks: 4
            recovery:
              allowFewerRanks: true
            """);

    assertEquals("corpora/one", read.data());
    assertEquals(List.of("a.txt", "b c.txt"), read.prepare().input());
    assertEquals(DocumentMode.BLANK_LINES, read.prepare().documents());
    assertEquals(TokenizerKind.CHAR, read.prepare().tokenizer());
    assertEquals(6, read.model().layers());
    assertEquals(0.25f, read.model().dropout());
    assertEquals(20_000, read.training().steps());
    assertEquals(1e-3f, read.training().learningRate());
    assertEquals(4, read.cluster().ranks());
    assertEquals(true, read.recovery().allowFewerRanks());
    assertEquals(RunConfiguration.defaults(read.model()).device(), read.device());
  }

  @Test
  void shouldReadNothingAsDefaults() throws IOException {
    assertEquals(defaults(), read(""));
    assertEquals(defaults(), read("# only a comment\n"));
    assertEquals(defaults(), read("model:\ntraining:\n"));
  }

  @Test
  void shouldPutOptionsOverOverridesOverTheFile() throws IOException {
    Path file = write("data: file\nmodel:\n  layers: 2\n  heads: 2\n");
    SortedMap<String, Object> options = new TreeMap<>();
    options.put("data", "option: with colon");

    RunConfiguration read =
        RunConfigurationReader.read(
            Optional.of(file),
            List.of("data=override", "model.layers=3", "model.layers=5"),
            options);

    assertEquals("option: with colon", read.data());
    assertEquals(5, read.model().layers());
    assertEquals(2, read.model().heads());
  }

  @Test
  void shouldTakeTheShapeOfTheModelToStartFrom() throws IOException {
    RunConfigurationReader.StartingModels models =
        (from, run) ->
            Optional.of(
                ModelConfiguration.decoder(3, 5, 40, 7)
                    .vocabularySize(from.length() + run.length())
                    .normEpsilon(1)
                    .build());
    Path file = write("from: model\nrun: runs/a\nmodel:\n  dropout: 0.2\n");

    RunConfiguration read =
        RunConfigurationReader.read(Optional.of(file), List.of(), NO_OPTIONS, models);

    assertEquals("model", read.from());
    assertEquals(5, read.model().heads());
    assertEquals(11, read.model().vocabularySize());
    assertEquals(0.2f, read.model().dropout());
    assertEquals(
        12,
        RunConfigurationReader.read(
                Optional.of(file), List.of("model.preset=gpt2"), NO_OPTIONS, models)
            .model()
            .heads());
  }

  @Test
  void shouldStartFromThePreset() throws IOException {
    RunConfiguration read = read("model:\n  preset: gpt2-medium\n  dropout: 0\n");

    assertEquals(24, read.model().layers());
    assertEquals(16, read.model().heads());
    assertEquals(1024, read.model().width());
    assertEquals(1024, read.model().context());
    assertEquals(0f, read.model().dropout());
    assertEquals(12, override("model.preset=gpt2").model().layers());
  }

  @Test
  void shouldSuggestTheNearestKeyWithItsLine() throws IOException {
    assertRefused(
        "Unknown key model.layrs (%s:3); did you mean model.layers?",
        "model:\n  heads: 4\n  layrs: 6\n");
    assertRefused(
        "Unknown key training.learning_rate (%s:2); did you mean training.learningRate?",
        "training:\n  learning_rate: 1\n");
    assertRefused(
        "Unknown key learningRate (%s:1); did you mean training.learningRate?",
        "learningRate: 1\n");
    assertRefused("Unknown key modle (%s:1); did you mean model?", "modle:\n  layers: 2\n");
    assertRefused(
        "Unknown key model.zebra (%s:2); 'shardfire config' lists all keys",
        "model:\n  zebra: 2\n");
  }

  @Test
  void shouldNameTheOverrideThatIsWrong() {
    assertEquals(
        "Unknown key model.layrs (--set model.layrs=6); did you mean model.layers?",
        refusal(() -> override("model.layrs=6")));
    assertEquals(
        "Settings are given as section.key=value, such as model.layers=6: model.layers",
        refusal(() -> override("model.layers")));
    assertEquals(
        "training.steps must be a whole number: training.steps=many (--set training.steps=many)",
        refusal(() -> override("training.steps=many")));
    assertEquals(
        "data must be a single value, not a section (--set data.folder=x)",
        refusal(() -> override("data.folder=x")));
  }

  @Test
  void shouldNameTheTypeThatIsExpected() throws IOException {
    assertRefused(
        "model.layers must be a whole number from -2147483648 to 2147483647: model.layers=2.5"
            + " (%s:2)",
        "model:\n  layers: 2.5\n");
    assertRefused(
        "training.learningRate must be a finite number: training.learningRate=fast (%s:2)",
        "training:\n  learningRate: fast\n");
    assertRefused(
        "training.learningRate must be a finite number: training.learningRate=1e99 (%s:2)",
        "training:\n  learningRate: 1e99\n");
    assertRefused(
        "recovery.allowFewerRanks must be true or false: recovery.allowFewerRanks=maybe (%s:2)",
        "recovery:\n  allowFewerRanks: maybe\n");
    assertRefused(
        "prepare.documents must be one of line, file, blank-lines, json-lines, pairs, json-pairs:"
            + " prepare.documents=page (%s:2)",
        "prepare:\n  documents: page\n");
    assertRefused("model.layers has no value (%s:2)", "model:\n  layers:\n  heads: 2\n");
    assertRefused(
        "model.layers must be a single value, not a list (%s:2)", "model:\n  layers: [1, 2]\n");
    assertRefused("model is a section with keys of its own, not big (%s:1)", "model: big\n");
  }

  @Test
  void shouldNameTheSectionThatARecordRefuses() throws IOException {
    String message =
        refusal(
            () -> RunConfigurationReader.read(file("model:\n  heads: 3\n"), List.of(), NO_OPTIONS));

    assertEquals(
        "Width must be heads times a head size of 8 to 256, unless headWidth gives that size:"
            + " width=128, heads=3, headWidth=0 [section model] ("
            + folder.resolve("run.yaml")
            + ":2)",
        message);
  }

  @Test
  void shouldReadPortsAsAnyOneOrARange() throws IOException {
    assertEquals("0", read("cluster:\n  ranks: 2\n").cluster().ports());
    assertEquals("0", read("cluster:\n  ports: 0\n").cluster().ports());
    RunConfiguration range = read("cluster:\n  ports: 7100-7131\n");
    assertEquals("7100-7131", range.cluster().ports());
    assertEquals(range, read(range.yaml()));
    assertEquals(
        "Ports are 0 for any, one port, or a range such as 7100-7131: ports=7100+"
            + " [section cluster] ("
            + folder.resolve("run.yaml")
            + ":2)",
        refusal(
            () ->
                RunConfigurationReader.read(
                    file("cluster:\n  ports: 7100+\n"), List.of(), NO_OPTIONS)));
  }

  @Test
  void shouldRefuseAnUnknownPreset() throws IOException {
    assertRefused(
        "Unknown model.preset=gpt3 (%s:2); choose one of nano, llama-nano, modern-nano,"
            + " bert-nano, t5-nano, transformer-nano, rnn-nano, lstm-nano, gru-nano, t5-small, transformer-base,"
            + " bert-base, gpt2, t5-base, bert-large, gpt2-medium, gpt2-large, llama-1.1b, gpt2-xl, llama-7b",
        "model:\n  preset: gpt3\n");
  }

  @Test
  void shouldRefuseWhatIsNotOneYamlMapping() throws IOException {
    assertRefused(
        "Not valid YAML: mapping values are not allowed here (%s:3)",
        "model:\n  layers: 2\n   heads: 3\n");
    assertRefused("Not valid YAML: Duplicate field 'data' (%s:2)", "data: a\ndata: b\n");
    assertRefused(
        "A configuration file has keys at the top, not a list (%s:1)", "- data: a\n- run: b\n");
    assertRefused("Only one YAML document is allowed (%s:3)", "data: a\n---\nrun: b\n");
  }

  @Test
  void shouldNameAFileThatCannotBeRead() throws IOException {
    Path missing = folder.resolve("missing.yaml");
    assertEquals(
        "No such configuration file: " + missing,
        refusal(() -> RunConfigurationReader.read(Optional.of(missing), List.of(), NO_OPTIONS)));

    Path latin = folder.resolve("latin.yaml");
    Files.write(latin, "data: café\n".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(
        "Not UTF-8: " + latin,
        refusal(() -> RunConfigurationReader.read(Optional.of(latin), List.of(), NO_OPTIONS)));
  }

  @Test
  void shouldWriteYamlThatReadsBackEqual() throws IOException {
    RunConfiguration first =
        read(
            """
            data: "C:\\\\corpus"
            run: "yes"
            prepare:
              input: ["a, b", "#c", 'it''s', "tab\\there"]
              appendEndOfText: false
            model:
              dropout: 0.1
              normEpsilon: 1e-12
            training:
              learningRate: 0.00031415927
              weightDecay: 123456.78
              seed: -9223372036854775808
            """);

    RunConfiguration second = read(first.yaml());

    assertEquals(first, second);
    assertEquals(first.yaml(), second.yaml());
  }

  @ParameterizedTest
  @ValueSource(strings = {"quickstart.yaml", "nanogpt-cpu.yaml", "gpt2-124m.yaml", "numbers.yaml"})
  void shouldReadTheShippedFiles(String name) {
    Path file = Path.of("..", "configs", name);

    RunConfiguration read = RunConfigurationReader.read(Optional.of(file), List.of(), NO_OPTIONS);
    PretrainConfiguration asked = read.toPretrain(ExistingRun.REFUSE, List.of(), false);

    assertEquals(read.yaml(), asked.effectiveConfiguration());
    assertEquals(read.data(), asked.data());
  }

  @Test
  void shouldShipTheNanoGptRecipe() {
    RunConfiguration recipe =
        RunConfigurationReader.read(
            Optional.of(Path.of("..", "configs", "nanogpt-cpu.yaml")), List.of(), NO_OPTIONS);

    assertEquals(
        12,
        recipe.training().microBatch()
            * recipe.training().accumulation()
            * recipe.training().logicalShards());
    assertEquals(2000, recipe.training().steps());
    assertEquals(2000, recipe.training().decaySteps());
    assertEquals(TokenizerKind.CHAR, recipe.prepare().tokenizer());
    assertEquals(64, recipe.model().context());
  }

  @Test
  void shouldSayWhatIsMissingToPrepareOrTrain() {
    assertEquals(
        "Nothing to read. Give --input, or set prepare.input in the configuration file",
        refusal(() -> defaults().toPrepare(false)));
    assertEquals(
        "Set data in the configuration file, or give --output, to name the folder to write",
        refusal(() -> override("prepare.input=a.txt").toPrepare(false)));
    assertEquals(
        "Set data in the configuration file, or give --data, to name the folder that prepare wrote",
        refusal(() -> defaults().toPretrain(ExistingRun.REFUSE, List.of(), false)));
    assertEquals(
        "Set run in the configuration file, or give --run, to name the folder for checkpoints and"
            + " metrics",
        refusal(() -> override("data=corpus").toPretrain(ExistingRun.REFUSE, List.of(), false)));
  }

  private static RunConfiguration defaults() {
    return RunConfigurationReader.read(Optional.empty(), List.of(), NO_OPTIONS);
  }

  private static RunConfiguration override(String override) {
    return RunConfigurationReader.read(Optional.empty(), List.of(override), NO_OPTIONS);
  }

  private RunConfiguration read(String yaml) throws IOException {
    return RunConfigurationReader.read(file(yaml), List.of(), NO_OPTIONS);
  }

  private void assertRefused(String message, String yaml) throws IOException {
    Optional<Path> file = file(yaml);
    assertEquals(
        message.formatted(folder.resolve("run.yaml")),
        refusal(() -> RunConfigurationReader.read(file, List.of(), NO_OPTIONS)));
  }

  private static String refusal(Runnable action) {
    return assertThrows(ConfigurationException.class, action::run).getMessage();
  }

  private Optional<Path> file(String yaml) {
    try {
      return Optional.of(write(yaml));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(folder.resolve("run.yaml"), yaml);
  }
}
