package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every objective over executors of their own: it is learned, and its bits do not depend on how.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ObjectivesIT {
  private TrainingFixture fixture;
  private Path folder;

  /** Settings of a run. */
  private enum Objective {
    PACKED("data", "training.packing=packed"),
    MASKED("bert", "model.kind=encoder training.wholeWords=true"),
    NEXT_SENTENCE(
        "bert",
        "model.kind=encoder model.segments=2 model.sentenceHead=true training.nextSentence=true"),
    SPANS("t5", "model.kind=encoder-decoder training.objective=span-corruption"),
    PAIRS("pairs", "model.kind=encoder-decoder");

    private final String data;
    private final String settings;

    Objective(String data, String settings) {
      this.data = data;
      this.settings = settings;
    }
  }

  @BeforeAll
  void prepare(@TempDir Path temporary) throws IOException {
    folder = temporary;
    fixture = TrainingFixture.prepare(folder);
    prepare("corpus.txt", "bert", "--added-tokens", "bert");
    prepare("corpus.txt", "t5", "--added-tokens", "t5");
    Shardfire.succeed("demo-corpus", "--numbers", "500", "-o", path("numbers.tsv"));
    prepare("numbers.tsv", "pairs", "--documents", "pairs");
  }

  private void prepare(String input, String output, String... more) {
    List<String> command =
        new ArrayList<>(List.of("prepare", "-i", path(input), "-o", path(output)));
    command.addAll(List.of("--tokenizer", "char", "--validation-fraction", "0.1"));
    command.addAll(List.of(more));
    Shardfire.succeed(command.toArray(String[]::new));
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private String[] pretrain(Objective objective, String run, int ranks, String... more) {
    List<String> options = new ArrayList<>(List.of("--data", path(objective.data)));
    Stream.concat(
            Stream.of(objective.settings.split(" ", -1)), Stream.of("training.learningRate=3e-3"))
        .forEach(setting -> options.addAll(List.of("--set", setting)));
    options.addAll(List.of(more));
    return fixture.pretrain(objective + run, ranks, options.toArray(String[]::new));
  }

  @ParameterizedTest
  @EnumSource
  void shouldLearnAndGiveTheSameBits(Objective objective) {
    Shardfire.succeed(pretrain(objective, "-two", 2));
    Shardfire.succeed(pretrain(objective, "-other", 1, "--set", "training.steps=20"));
    Shardfire.succeed(
        pretrain(objective, "-other", 2, "--set", "training.zeroStage=0", "--resume"));

    TrainedRun two = fixture.run(objective + "-two");
    ReproducibilityIT.assertSameAs(two, fixture.run(objective + "-other"), 40);
    SortedMap<Long, String> losses = two.metric("step", "loss");
    assertEquals(40, losses.size());
    double first = Double.parseDouble(losses.get(losses.firstKey()));
    double last = Double.parseDouble(losses.get(losses.lastKey()));
    assertTrue(last < 0.9 * first, "first=" + first + ", last=" + last);
  }

  @Test
  void shouldBeginWithAModelAndGoOnWithoutIt() throws IOException {
    Shardfire.succeed(fixture.pretrain("base", 1));
    Shardfire.succeed(
        fixture.pretrain("tuned", 2, "--from", path("base"), "--set", "training.steps=20"));
    Shardfire.Result again =
        Shardfire.succeed(fixture.pretrain("tuned", 2, "--from", path("gone"), "--resume"));

    double before = loss("base", 1);
    double tuned = loss("tuned", 1);
    assertTrue(tuned < 0.8 * before, "from scratch=" + before + ", from the model=" + tuned);
    assertTrue(again.text().contains("resume from step 20 of 40"), again::transcript);

    Shardfire.Result refused =
        Shardfire.run(fixture.pretrain("refused", 1, "--data", path("t5"), "--from", path("base")));
    assertTrue(
        refused.text().contains("has another vocabulary than the corpus"), refused::transcript);
  }

  private double loss(String run, long step) {
    return Double.parseDouble(fixture.run(run).metric("step", "loss").get(step));
  }

  @Test
  void shouldNameWhatDoesNotGoTogether() {
    assertRefused(
        "lacks a special token that training.objective=masked needs; prepare the corpus with"
            + " --added-tokens bert",
        "--set",
        "model.kind=encoder");
    assertRefused(
        "The corpus holds no pairs, but texts without targets",
        "--set",
        "model.kind=encoder-decoder");
    assertRefused(
        "set training.objective=auto, or model.kind=encoder: model.kind=decoder,"
            + " training.objective=masked",
        "--set",
        "training.objective=masked");
  }

  private void assertRefused(String expected, String... more) {
    Shardfire.Result result = Shardfire.run(fixture.pretrain("refused", 1, more));
    assertTrue(result.exitCode() != 0, result::transcript);
    assertTrue(result.text().contains(expected), result::transcript);
  }
}
