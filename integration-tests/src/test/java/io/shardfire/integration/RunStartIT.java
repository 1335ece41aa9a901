package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a run begins with: the weights of a model, and a corpus that suits its objective. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RunStartIT {
  private TrainingFixture fixture;
  private Path folder;

  @BeforeAll
  void prepare(@TempDir Path temporary) throws IOException {
    folder = temporary;
    fixture = TrainingFixture.prepare(folder);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
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

    Shardfire.succeed(
        "prepare",
        "-i",
        path("corpus.txt"),
        "-o",
        path("other"),
        "--tokenizer",
        "char",
        "--added-tokens",
        "t5");
    Shardfire.Result refused =
        Shardfire.run(
            fixture.pretrain("refused", 1, "--data", path("other"), "--from", path("base")));
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
