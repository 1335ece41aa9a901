package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.CorpusIdentity;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.resume.SettingChange;
import io.shardfire.worker.resume.SettingClasses;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import io.shardfire.worker.train.TrainingConfiguration.ScheduleKind;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerStateTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(1, 2, 16, 8).vocabularySize(11).dropout(0.1f).build();

  private static final CorpusIdentity CORPUS =
      new CorpusIdentity("0123", 1000, 100, "00000012", "fedcba98");

  private static final TrainerState STATE =
      new TrainerState(
          10,
          LossScale.NONE,
          TrainerState.settings(MODEL, training().build(), 2, CORPUS),
          List.of(
              new SettingChange(3, "training.clipNorm", 1f, 0.5f),
              new SettingChange(7, "training.decaySteps", 40L, 6L)));

  private static final List<String> UNREAD =
      List.of(
          "training.decayShape",
          "training.decayShare",
          "training.momentum",
          "training.nesterov",
          "training.relativeStep",
          "training.lossScale",
          "training.lossScaleWindow",
          "training.recompute",
          "cluster.ranks");

  private static TrainingBuilder training() {
    TrainingBuilder training = TestTraining.usual();
    training.microBatch(4);
    training.accumulation(3);
    training.seed(Long.MIN_VALUE + 1);
    training.learningRate(0.012345679f);
    return training;
  }

  @Test
  void shouldReadBackWhatItWrites() {
    String json = STATE.write(specification(), 2, 192, 100);

    assertEquals(STATE, TrainerStateReader.read(json, MODEL));
    for (String line :
        List.of(
            "\"tokens\" : 1920",
            "\"sequence\" : 240",
            "\"epoch\" : 2",
            "\"model.heads\" : 2",
            "\"training.decaySteps\" : 6",
            "\"corpus.trainChecksum\" : \"00000012\"",
            "\"steps\" : 6",
            "\"configuration\" : \"model: tiny\"")) {
      assertTrue(json.contains(line), line + " is not in " + json);
    }
  }

  @Test
  void shouldRecordEverySettingThatShapesTheRunInTheOrderOfTheTable() {
    List<String> expected = new ArrayList<>(SettingClasses.recorded());
    expected.removeAll(UNREAD);
    assertEquals(expected, new ArrayList<>(STATE.settings().values().keySet()));
  }

  /** Every setting of the schedules and optimizers is read by one of them, or in fp16 or bf16. */
  @Test
  void shouldRecordWhatTakesEffect() {
    TreeSet<String> read = new TreeSet<>();
    TrainingBuilder training = training();
    training.schedule(ScheduleKind.WSD);
    training.precision(Precision.FP16);
    training.activations(ActivationFormat.BF16);
    training.gradientExchange(ElementType.BF16);
    for (OptimizerKind optimizer : OptimizerKind.values()) {
      training.optimizer(optimizer);
      RunSettings settings = TrainerState.settings(MODEL, training.build(), 2, CORPUS);
      read.addAll(settings.values().keySet());
      TrainerState state = new TrainerState(1, new LossScale(2, 3, 4), settings, List.of());
      assertEquals(
          state, TrainerStateReader.read(state.write(specification(), 1, 192, 100), MODEL));
    }
    assertEquals(new TreeSet<>(SettingClasses.recorded()), read);
  }

  @Test
  void shouldReadBackTheLossScale() {
    TrainingBuilder training = training();
    training.precision(Precision.FP16);
    RunSettings settings = TrainerState.settings(MODEL, training.build(), 2, CORPUS);
    for (LossScale scale :
        List.of(
            LossScale.NONE,
            new LossScale(0x1p127f, 0, 0),
            new LossScale(32_768, 1999, 3),
            new LossScale(1, 0, Long.MAX_VALUE))) {
      TrainerState state = new TrainerState(10, scale, settings, List.of());
      String json = state.write(specification(), 2, 192, 100);
      assertEquals(state, TrainerStateReader.read(json, MODEL));
      assertEquals(!scale.equals(LossScale.NONE), json.contains("\"loss_scale\""), json);
    }
  }

  @Test
  void shouldReadWhatWasWrittenForDecodersOnly() {
    String json = STATE.write(specification(), 2, 192, 100);
    String earlier =
        json.replaceAll(
            "\\s*\"model\\.(kind|cell|encoderLayers|headWidth|source\\w+|normPlacement|relative\\w+|scaled\\w+"
                + "|shared\\w+|embeddingNorm|segments|head|sentenceHead)\" : [^,]+,",
            "");
    assertNotEquals(json, earlier);
    assertEquals(STATE, TrainerStateReader.read(earlier, MODEL));
  }

  @Test
  void shouldReadWhatWasWrittenWithOneScheduleAndOneOptimizer() {
    String json = STATE.write(specification(), 2, 192, 100);
    String earlier = json.replaceAll("\\s*\"training\\.(schedule|optimizer)\" : \"\\w+\",", "");
    assertNotEquals(json, earlier);
    assertEquals(STATE, TrainerStateReader.read(earlier, MODEL));
    assertDamaged(
        json.replace("\"adamw\"", "\"muon\""),
        "does not know; resume with the version that wrote it: training.optimizer=muon");
  }

  @ParameterizedTest
  @ValueSource(strings = {"activations", "parameters"})
  void shouldReadWhatWasWrittenWithFp32Alone(String setting) {
    String json = STATE.write(specification(), 2, 192, 100);
    String earlier = json.replaceAll(",\\s*\"training\\." + setting + "\" : \"fp32\"", "");
    assertNotEquals(json, earlier);
    assertEquals(STATE, TrainerStateReader.read(earlier, MODEL));
  }

  @Test
  void shouldReadWhatWasWrittenWithGradientsExchangedInFp32Alone() {
    String json = STATE.write(specification(), 2, 192, 100);
    String earlier = json.replaceAll(",\\s*\"training\\.gradientExchange\" : \"fp32\"", "");
    assertNotEquals(json, earlier);
    assertEquals(STATE, TrainerStateReader.read(earlier, MODEL));
  }

  /** With them exchanged in fp32, any number computes the same. */
  @Test
  void shouldRecordTheRanksWhereGradientsAreRounded() {
    TrainingConfiguration training =
        training().gradientExchange(ElementType.BF16).logicalShards(4).build();
    assertEquals(4, TrainerState.settings(MODEL, training, 4, CORPUS).whole("cluster.ranks"));
    TrainerState state =
        new TrainerState(
            10, LossScale.NONE, TrainerState.settings(MODEL, training, 4, CORPUS), List.of());
    String json = state.write(specification(), 4, 192, 100);
    assertEquals(state, TrainerStateReader.read(json, MODEL));
    String lost = json.replaceAll(",\\s*\"cluster\\.ranks\" : 4", "");
    assertNotEquals(json, lost);
    assertDamaged(lost, "missing=[cluster.ranks], unknown=[]");
  }

  @Test
  void shouldLeaveOutWhatIsNotKnownYet() {
    TrainingBuilder training = training();
    training.gradientExchange(ElementType.BF16);
    training.logicalShards(0);
    RunSettings settings = TrainerState.settings(MODEL.withVocabularySize(0), training.build(), 0);

    List<String> missing = new ArrayList<>(SettingClasses.recorded());
    missing.removeAll(settings.values().keySet());
    missing.removeAll(UNREAD.stream().filter(key -> !key.equals(SettingClasses.RANKS)).toList());
    assertEquals(
        List.of(
            "model.vocabularySize",
            "training.logicalShards",
            "corpus.vocabularyHash",
            "corpus.trainTokens",
            "corpus.validationTokens",
            "corpus.trainChecksum",
            "corpus.validationChecksum",
            "cluster.ranks"),
        missing);
  }

  @Test
  void shouldRecordTheStepsThatTheScheduleEndsAt() {
    TrainingBuilder training = training();
    training.decaySteps(0);
    training.steps(77);
    assertEquals(
        77, TrainerState.settings(MODEL, training.build(), 2, CORPUS).whole("training.decaySteps"));
  }

  @Test
  void shouldRefuseDamagedText() {
    assertDamaged("{", "trainer.json is not JSON; resume from another checkpoint: ");
    assertDamaged("{\"format_version\": 3}", "format_version=3, expected=2 or 1");
    assertDamaged("{\"format_version\": 2}", "member=settings");
    String json = STATE.write(specification(), 2, 192, 100);
    assertDamaged(
        json.replace("training.beta2", "training.beta3"),
        "trainer.json has other settings than this version; resume with the version that wrote it:"
            + " missing=[training.beta2], unknown=[training.beta3]");
    assertDamaged(json.replace("\"changes\"", "\"change\""), "member=changes");
    String scale =
        "\"loss_scale\": {\"scale\": 3, \"good_steps\": 1, \"skipped_steps\": 0}, \"changes\"";
    assertDamaged(
        json.replace("\"changes\"", scale),
        "trainer.json is damaged; resume from another checkpoint: A loss scale is a power of two, of"
            + " 1 or more, and steps are not negative: scale=3.0, goodSteps=1, skippedSteps=0");
  }

  @Test
  void shouldRefuseACheckpointThatDescribesTwoModels() {
    CheckpointException e =
        assertThrows(
            CheckpointException.class,
            () ->
                TrainerStateReader.read(
                    STATE.write(specification(), 2, 192, 100),
                    ModelConfiguration.decoder(1, 1, 16, 8)
                        .vocabularySize(11)
                        .dropout(0.1f)
                        .build()));
    assertEquals(
        "config.json and trainer.json of a checkpoint describe two models; resume from another"
            + " checkpoint: model.heads=1 in config.json, 2 in trainer.json",
        e.getMessage());
  }

  private static final String FIRST_FORMAT =
      """
      {
        "format_version" : 1,
        "step" : 10,
        "seed" : -9223372036854775807,
        "logical_shards" : 2,
        "accumulation" : 3,
        "micro_batch" : 4,
        "context" : 8,
        "schedule" : {
          "learning_rate" : 0.012345679,
          "minimum_learning_rate" : 0.001,
          "warmup_steps" : 2,
          "decay_steps" : 6,
          "steps" : 6
        },
        "data" : {
          "folder" : "data",
          "vocabulary_hash" : "0123",
          "train_tokens" : 1000,
          "validation_tokens" : 100
        },
        "configuration" : "model:\\n  beta1: 7\\ntraining:\\n  beta1: 0.9\\n  beta2: 0.95\\n  epsilon: 1e-8\\n  weightDecay: 0.1\\n  clipNorm: 0.5\\ncluster:\\n  ranks: 2\\n"
      }
      """;

  @Test
  void shouldReadTheFirstFormat() {
    TrainerState state = TrainerStateReader.read(FIRST_FORMAT, MODEL);

    assertEquals(10, state.step());
    assertEquals(
        TrainerState.settings(MODEL, training().build(), 2).values(), withoutCorpus(state));
    assertEquals("0123", state.settings().values().get("corpus.vocabularyHash"));
    assertEquals(1000, state.settings().whole("corpus.trainTokens"));
    assertEquals(100, state.settings().whole("corpus.validationTokens"));
    assertEquals(List.of(), state.changes());
  }

  private static java.util.Map<String, Object> withoutCorpus(TrainerState state) {
    java.util.Map<String, Object> values = new java.util.LinkedHashMap<>(state.settings().values());
    values.keySet().removeIf(key -> key.startsWith(SettingClasses.CORPUS));
    return values;
  }

  @Test
  void shouldRefuseAFirstFormatThatDoesNotTellWhatIsCompared() {
    assertDamaged(
        FIRST_FORMAT.replace("training:", "trainer:"),
        "trainer.json does not tell a setting that the run must be compared with; resume with the"
            + " version that wrote it: setting=training.beta1, format_version=1");
    assertDamaged(FIRST_FORMAT.replace("clipNorm", "clip"), "setting=training.clipNorm");
    assertDamaged(FIRST_FORMAT.replace("\"schedule\"", "\"plan\""), "member=schedule");
  }

  private static void assertDamaged(String json, String text) {
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> TrainerStateReader.read(json, MODEL));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  private static RunSpecification specification() {
    return new RunSpecification(
        MODEL,
        training().build(),
        "data",
        "run",
        "",
        "cpu",
        false,
        List.of(),
        TestRun.TICKET,
        "model: tiny");
  }
}
