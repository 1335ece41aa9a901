package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.resume.Continuation;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.resume.SettingChange;
import io.shardfire.worker.resume.SettingClass;
import io.shardfire.worker.resume.SettingClasses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every setting of model and training, changed between a stop after step 3 and the resume. */
class ResumedSettingsTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 2, 32, 11)
          .feedForwardWidth(40)
          .vocabularySize(29)
          .dropout(0.1f)
          .activation(Function.GELU)
          .positions(PositionKind.ROPE)
          .build();

  private static final String TO_ALLOW = "--allow-change ";

  @TempDir static Path folder;
  private static Path data;
  private static Path stopped;
  private static Map<String, String> undisturbed;

  @BeforeAll
  static void trainHalf() {
    data = folder.resolve("corpus");
    TestCorpus.write(data, 29, 400, 150);
    TestRun.train(MODEL, training().build(), data, folder.resolve("whole"), 1, false);
    undisturbed = TestRun.weights(folder.resolve("whole"), 6);
    TrainingBuilder half = training();
    half.steps(3);
    stopped = folder.resolve("stopped");
    TestRun.train(MODEL, half.build(), data, stopped, 1, false);
  }

  private static TrainingBuilder training() {
    TrainingBuilder training = TestTraining.usual();
    training.evaluateEvery(0);
    return training;
  }

  static Stream<String> fixed() {
    // Another objective needs another kind of model, which is refused first.
    return keys(SettingClass.FIXED).filter(key -> !key.equals("training.objective"));
  }

  static Stream<String> trajectory() {
    return keys(SettingClass.TRAJECTORY).filter(ResumedSettingsTest::isRead);
  }

  static Stream<String> free() {
    return Stream.concat(
        keys(SettingClass.FREE), keys(SettingClass.TRAJECTORY).filter(key -> !isRead(key)));
  }

  /** Not by another schedule or optimizer only. */
  private static boolean isRead(String key) {
    return TrainerState.settings(MODEL, training().build(), 2).values().containsKey(key);
  }

  private static Stream<String> keys(SettingClass type) {
    return SettingClasses.keys(type).stream()
        .filter(key -> key.startsWith("model.") || key.startsWith("training."));
  }

  @ParameterizedTest
  @MethodSource("fixed")
  void shouldRefuseAnotherValueOfWhatIsFixed(String key) {
    Path run = copy("fixed-" + key);
    for (List<String> allowed : List.of(List.<String>of(), List.of(key))) {
      TrainingException e = assertThrows(TrainingException.class, () -> resume(run, key, allowed));
      assertTrue(
          e.getMessage()
              .contains(
                  "The checkpoint of step 3 was written with another "
                      + key
                      + ", which cannot change within a run: "
                      + key
                      + "="),
          e.getMessage());
      assertTrue(
          e.getMessage().endsWith(" to go on, or choose another run folder"), e.getMessage());
    }
    assertOnlyStep3(run);
  }

  @ParameterizedTest
  @MethodSource("trajectory")
  void shouldChangeTheCourseOnlyWhenThatIsAllowed(String key) {
    Path run = copy("trajectory-" + key);
    TrainingException e =
        assertThrows(TrainingException.class, () -> resume(run, key, List.of("training.seed")));
    assertTrue(
        e.getMessage().startsWith("The run cannot be resumed: Another " + key), e.getMessage());
    assertTrue(
        e.getMessage().contains(" would change the course of the run after step 3: " + key + "="),
        e.getMessage());
    assertTrue(e.getMessage().contains(TO_ALLOW + key), e.getMessage());
    assertOnlyStep3(run);

    resume(run, key, List.of(key));

    assertNotEquals(undisturbed, TestRun.weights(run, 6), key + " does not shape the run");
    SettingChange change = onlyChange(run, 6);
    assertEquals(3, change.step());
    assertEquals(key, change.key());
    RunSettings settings =
        TrainerState.settings(
            Variations.vary(key, MODEL), Variations.vary(key, training().build()), 2);
    assertEquals(settings.values().get(key), change.to());
  }

  @ParameterizedTest
  @MethodSource("free")
  void shouldGiveTheSameBitsWhateverIsFree(String key) {
    Path run = copy("free-" + key);
    TestRun resumed = resume(run, key, List.of());
    assertEquals(3, resumed.starts.get(0).firstStep());
    if (key.equals("training.steps")) {
      assertEquals(7, resumed.outcome.steps());
    } else {
      assertEquals(undisturbed, TestRun.weights(run, 6));
    }
  }

  /** What is computed once more then begins with a rounded input. */
  @Test
  void shouldCompareRecomputationWhereActivationsAreRounded() {
    for (ActivationFormat format : ActivationFormat.values()) {
      TrainingBuilder training = training().activations(format);
      RunSettings kept = TrainerState.settings(MODEL, training.build(), 2);
      RunSettings recomputed = TrainerState.settings(MODEL, training.recompute(true).build(), 2);
      assertEquals(
          format == ActivationFormat.FP32 ? 0 : 1,
          Continuation.of(3, kept, recomputed, List.of()).refusals().size());
    }
  }

  /** A rank rounds the sum of its logical shards, of which it then has others. */
  @Test
  void shouldCompareTheRanksWhereExchangedGradientsAreRounded() {
    for (ElementType exchange : ElementType.values()) {
      TrainingConfiguration training = training().gradientExchange(exchange).build();
      Path run = folder.resolve("ranks-" + exchange);
      TrainingConfiguration half = training.with().steps(3).build();
      TestRun.train(MODEL, half, data, run, 2, false);
      if (exchange == ElementType.BF16) {
        TrainingException e =
            assertThrows(
                TrainingException.class, () -> TestRun.train(MODEL, training, data, run, 1, true));
        assertEquals(
            "The run cannot be resumed: Another cluster.ranks would change the course of the run"
                + " after step 3: cluster.ranks=1, checkpoint=2. Set cluster.ranks=2 to go on as"
                + " before, or give --allow-change cluster.ranks to change it from here on",
            e.getMessage());
      }
      // As when an executor is lost, and another is there when the next one is.
      List<String> allowed = List.of("cluster.ranks");
      TestRun.train(MODEL, training.with().steps(5).build(), data, run, 1, true, allowed);
      TestRun.train(MODEL, training, data, run, 2, true, allowed);
      assertEquals(
          exchange == ElementType.FP32
              ? List.of()
              : List.of(
                  new SettingChange(3, "cluster.ranks", 2L, 1L),
                  new SettingChange(5, "cluster.ranks", 1L, 2L)),
          state(run, 6).changes());
    }
  }

  /** From checkpoints with the change, and from the one before it. */
  @Test
  void shouldRestartWithinARunThatWasAllowedAChange() throws IOException {
    String key = "training.learningRate";
    Path run = copy("restart");
    TrainingBuilder changed = training();
    changed.learningRate(2e-2f);
    changed.checkpointEvery(1);
    changed.keepCheckpoints(5);
    TestRun.train(MODEL, changed.build(), data, run, 1, true, List.of(key));
    Map<String, String> expected = TestRun.weights(run, 6);

    for (int newest : new int[] {5, 4, 3}) {
      for (int gone = newest + 1; gone <= 6; gone++) {
        Files.delete(step(run, gone).resolve("manifest.json"));
      }
      TestRun restarted = TestRun.train(MODEL, changed.build(), data, run, 1, true, List.of(key));
      assertEquals(newest, restarted.starts.get(0).firstStep());
      assertEquals(expected, TestRun.weights(run, 6));
      assertEquals(3, onlyChange(run, 6).step());
    }
  }

  @Test
  void shouldKeepTheHistoryOfAllChanges() {
    Path run = copy("history");
    TrainingBuilder changed = training();
    changed.steps(5);
    changed.weightDecay(0.2f);
    TestRun.train(MODEL, changed.build(), data, run, 1, true, List.of("training.weightDecay"));
    changed.steps(6);
    changed.weightDecay(0.1f);
    TestRun.train(MODEL, changed.build(), data, run, 1, true, List.of("training.weightDecay"));

    assertEquals(
        List.of(
            new SettingChange(3, "training.weightDecay", 0.1f, 0.2f),
            new SettingChange(5, "training.weightDecay", 0.2f, 0.1f)),
        state(run, 6).changes());
  }

  @Test
  void shouldRefuseMoreStepsThatWouldStretchTheSchedule() {
    Path run = folder.resolve("stretched");
    TrainingBuilder training = training();
    training.steps(3);
    training.decaySteps(0);
    TestRun.train(MODEL, training.build(), data, run, 1, false);
    training.steps(6);

    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> TestRun.train(MODEL, training.build(), data, run, 1, true));

    assertEquals(
        "The run cannot be resumed: Another training.decaySteps (0 stands for training.steps) would"
            + " change the course of the run after step 3: training.decaySteps=6, checkpoint=3. Set"
            + " training.decaySteps=3 to go on as before, or give --allow-change"
            + " training.decaySteps to change it from here on",
        e.getMessage());
    training.decaySteps(3);
    TestRun.train(MODEL, training.build(), data, run, 1, true);
  }

  @Test
  void shouldRefuseFewerStepsThanAreDone() {
    Path run = copy("fewer");
    TrainingBuilder training = training();
    training.steps(2);

    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> TestRun.train(MODEL, training.build(), data, run, 1, true));

    assertEquals(
        "The run cannot be resumed: The run is already beyond its last step: training.steps=2, step"
            + " of the checkpoint=3. Set training.steps to 3 or more, or choose another run folder",
        e.getMessage());
  }

  @Test
  void shouldNameEverythingThatDiffersAtOnce() {
    Path run = copy("many");
    Path other = folder.resolve("other-corpus");
    TestCorpus.write(other, 28, 401, 150);
    TrainingBuilder training = training();
    training.seed(4);
    training.learningRate(3e-2f);

    TrainingException e =
        assertThrows(
            TrainingException.class,
            () ->
                TestRun.train(
                    ModelConfiguration.decoder(2, 4, 32, 11)
                        .vocabularySize(29)
                        .dropout(0.2f)
                        .build(),
                    training.build(),
                    other,
                    run,
                    1,
                    true));

    for (String part :
        List.of(
            "model.heads=4, checkpoint=2",
            "training.seed=4, checkpoint=1",
            "model.dropout=0.2, checkpoint=0.1",
            "training.learningRate=0.03, checkpoint=0.01",
            "was trained on another corpus: corpus.vocabularyHash=",
            "; corpus.trainTokens=401, checkpoint=400; corpus.trainChecksum=")) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  /** The same sizes and the same vocabulary, but other text. */
  @Test
  void shouldNoticeAnotherCorpusOfTheSameSize() {
    Path run = copy("same-size");
    Path other = folder.resolve("same-size-corpus");
    TestCorpus.write(other, 29, 400, 150, 7);

    TrainingException e =
        assertThrows(
            TrainingException.class,
            () -> TestRun.train(MODEL, training().build(), other, run, 1, true));

    assertTrue(
        e.getMessage()
            .matches(
                "The run cannot be resumed: The checkpoint of step 3 was trained on another corpus:"
                    + " corpus\\.trainChecksum=\\p{XDigit}{8}, checkpoint=\\p{XDigit}{8};"
                    + " corpus\\.validationChecksum=\\p{XDigit}{8}, checkpoint=\\p{XDigit}{8}\\. Set"
                    + " data to the corpus that the run began with, or choose another run folder"),
        e.getMessage());
  }

  private static TestRun resume(Path run, String key, List<String> allowed) {
    return TestRun.train(
        Variations.vary(key, MODEL),
        Variations.vary(key, training().build()),
        data,
        run,
        ranks(key),
        true,
        allowed);
  }

  /** Enough for the setting to have an effect. */
  private static int ranks(String key) {
    return key.equals("training.gradientExchange") ? 2 : 1;
  }

  private static SettingChange onlyChange(Path run, long step) {
    List<SettingChange> changes = state(run, step).changes();
    assertEquals(1, changes.size(), changes.toString());
    return changes.get(0);
  }

  private static TrainerState state(Path run, long step) {
    return TestRun.saved(run, step).state();
  }

  private static void assertOnlyStep3(Path run) {
    try (Stream<Path> steps = Files.list(run)) {
      assertEquals(List.of(step(run, 3)), steps.toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path step(Path run, long step) {
    return run.resolve(String.format(Locale.ROOT, "step-%08d", step));
  }

  private static Path copy(String name) {
    Path run = folder.resolve(name);
    try (Stream<Path> files = Files.walk(stopped)) {
      for (Path file : files.toList()) {
        Files.copy(file, run.resolve(stopped.relativize(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return run;
  }
}
