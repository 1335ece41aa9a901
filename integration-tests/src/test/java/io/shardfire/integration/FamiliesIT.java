package io.shardfire.integration;

import static io.shardfire.integration.ReproducibilityIT.assertSameAs;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.corpus.DocumentMode;
import io.shardfire.driver.corpus.PrepareConfiguration;
import io.shardfire.driver.corpus.TokenizerKind;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.jobs.configuration.RunConfigurationReader;
import io.shardfire.worker.tokenizer.AddedTokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every family of models, each with an objective of its own, over two executors: it learns, and the
 * bits of its weights and moments do not depend on how it ran.
 *
 * <p>A run without an end has an executor killed; how far it came by the first checkpoint after
 * that is how long the runs are that it is compared with. So the kill is always between two
 * checkpoints.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FamiliesIT {
  private static final long CHECKPOINT_EVERY = 20;
  private static final long ENDLESS = 1_000_000;
  private static final Pattern CHECKPOINT = Pattern.compile("step (\\d+) +checkpoint .*");
  private static final Pattern RESTART =
      Pattern.compile(
          "RESTART 1 of at most 3 in a row: 2 ranks, from the checkpoint of step (\\d+)");

  private final Map<Family, Baseline> baselines = new EnumMap<>(Family.class);
  private TrainingFixture fixture;
  private SharedApplication application;

  /** A corpus, a preset that is made small, and what it is taught. */
  private enum Family {
    GPT2("data", "model.preset=nano"),
    LLAMA("data", "model.preset=llama-nano model.heads=4 training.packing=packed"),
    BERT(
        "bert",
        "model.preset=bert-nano model.sentenceHead=true training.nextSentence=true"
            + " training.wholeWords=true"),
    T5("t5", "model.preset=t5-nano training.objective=span-corruption"),
    TRANSFORMER("pairs", "model.preset=transformer-nano");

    private final String corpus;
    private final String settings;

    Family(String corpus, String settings) {
      this.corpus = corpus;
      this.settings = settings;
    }
  }

  /** The run on two ranks with ZeRO 1 that nothing disturbed, after one that lost an executor. */
  private record Baseline(long steps, TrainedRun killed, TrainedRun undisturbed) {}

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    fixture = TrainingFixture.prepare(folder);
    Shardfire.succeed("demo-corpus", "--numbers", "500", "-o", path("numbers.tsv"));
    application = SharedApplication.start();
    prepare("corpus.txt", "bert", DocumentMode.LINE, AddedTokens.BERT);
    prepare("corpus.txt", "t5", DocumentMode.LINE, AddedTokens.T5);
    prepare("numbers.tsv", "pairs", DocumentMode.PAIRS, AddedTokens.T5);
  }

  @AfterAll
  void stop() {
    application.close();
  }

  private String path(String name) {
    return fixture.folder().resolve(name).toString();
  }

  private void prepare(String text, String corpus, DocumentMode documents, AddedTokens added) {
    application.prepare(
        PrepareConfiguration.builder(List.of(path(text)), path(corpus))
            .documents(documents)
            .tokenizer(TokenizerKind.CHAR)
            .addedTokens(added)
            .validationFraction(0.1)
            .build());
  }

  @ParameterizedTest
  @EnumSource
  void shouldLearn(Family family) {
    SortedMap<Long, String> losses = baseline(family).undisturbed().metric("step", "loss");
    double first = Double.parseDouble(losses.get(losses.firstKey()));
    double last = Double.parseDouble(losses.get(losses.lastKey()));
    assertTrue(last < 0.9 * first, "first=" + first + ", last=" + last);
  }

  @ParameterizedTest
  @EnumSource
  void shouldGiveTheSameBitsWhenAnExecutorIsKilled(Family family) {
    assertBaseline(family, baseline(family).killed());
  }

  @ParameterizedTest
  @EnumSource
  void shouldGiveTheSameBitsOnOneRank(Family family) {
    assertBaseline(family, train(family, "one", baseline(family).steps(), "cluster.ranks=1"));
  }

  @ParameterizedTest
  @EnumSource
  void shouldGiveTheSameBitsWithZeroStageNull(Family family) {
    assertBaseline(
        family, train(family, "zero-0", baseline(family).steps(), "training.zeroStage=0"));
  }

  @ParameterizedTest
  @EnumSource
  void shouldGiveTheSameBitsAfterStoppingAndResuming(Family family) {
    train(family, "resumed", CHECKPOINT_EVERY);
    assertBaseline(family, train(family, "resumed", baseline(family).steps()));
  }

  private void assertBaseline(Family family, TrainedRun run) {
    assertSameAs(baseline(family).undisturbed(), run, baseline(family).steps());
  }

  private Baseline baseline(Family family) {
    return baselines.computeIfAbsent(
        family,
        key -> {
          long steps = trainThroughAKill(key);
          return new Baseline(steps, run(key, "killed"), train(key, "undisturbed", steps));
        });
  }

  /** The step of the first checkpoint after the restart, at which the run was stopped. */
  private long trainThroughAKill(Family family) {
    ApplicationRun run = begin(family, "killed", ENDLESS);
    run.output().await(line -> CHECKPOINT.matcher(line).matches());
    application.killExecutor();
    run.output().await(line -> line.startsWith("FAILED") && line.contains("137"));
    long from = step(RESTART, run.output().await(line -> RESTART.matcher(line).matches()));
    long reached = step(CHECKPOINT, run.output().await(line -> step(CHECKPOINT, line) > from));
    run.cancel();
    return reached;
  }

  /** The step that a line names; 0 for other lines. */
  private static long step(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
  }

  private TrainedRun train(Family family, String name, long steps, String... more) {
    begin(family, name, steps, more).succeed();
    return run(family, name);
  }

  private ApplicationRun begin(Family family, String name, long steps, String... more) {
    List<String> settings = new ArrayList<>(List.of(family.settings.split(" ", -1)));
    settings.add("training.steps=" + steps);
    settings.add("training.learningRate=3e-3");
    // All are kept: which ones there are must not depend on how soon a run is stopped.
    settings.add("training.keepCheckpoints=1000000");
    // On a busy machine an executor takes long to start.
    settings.add("recovery.replacementTimeoutSeconds=300");
    settings.addAll(List.of(more));
    SortedMap<String, Object> folders = new TreeMap<>();
    folders.put("data", path(family.corpus));
    folders.put("run", run(family, name).folder().toString());
    return application.begin(
        RunConfigurationReader.read(Optional.of(fixture.configuration()), settings, folders)
            .toPretrain(ExistingRun.RESUME, List.of(), false));
  }

  private TrainedRun run(Family family, String name) {
    return fixture.run(family + "-" + name);
  }
}
