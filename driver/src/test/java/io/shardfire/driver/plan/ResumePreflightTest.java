package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.sharding.lease.LeaseTicket;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.resume.SettingChange;
import io.shardfire.worker.resume.SettingClass;
import io.shardfire.worker.resume.SettingClasses;
import io.shardfire.worker.train.RunSpecification;
import io.shardfire.worker.train.Trainer;
import io.shardfire.worker.train.TrainerState;
import io.shardfire.worker.train.TrainingConfiguration;
import io.shardfire.worker.train.TrainingListener;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every setting, changed before a resume, as the driver sees it before anything starts. */
class ResumePreflightTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(1, 2, 16, 8)
          .feedForwardWidth(40)
          .activation(Function.GELU)
          .positions(PositionKind.ROPE)
          .build();

  private static final TrainingConfiguration TRAINING =
      TrainingConfiguration.standard()
          .steps(4)
          .microBatch(2)
          .logicalShards(2)
          .seed(1)
          .learningRate(1e-3f)
          .warmupSteps(1)
          .decaySteps(4)
          .evaluateEvery(0)
          .evaluationBatches(1)
          .checkpointEvery(0)
          .build();

  @TempDir static Path folder;

  private ModelConfiguration model = MODEL;
  private TrainingConfiguration training = TRAINING;
  private ClusterConfiguration cluster = new ClusterConfiguration(2, 10, 10, 5, 1 << 20, true, "0");
  private RecoveryConfiguration recovery = RecoveryConfiguration.DEFAULT;
  private Path data = folder.resolve("data");
  private Path run = folder.resolve("run");
  private String from = "";
  private String device = "auto";
  private ExistingRun existingRun = ExistingRun.RESUME;
  private List<String> allowed = List.of();
  private final Map<String, String> spark = new TreeMap<>();

  @BeforeAll
  static void trainThreeSteps() throws IOException {
    SampleCorpus.write(folder.resolve("data"), 5000, 100);
    trainThreeSteps(TRAINING, folder.resolve("run"));
  }

  /** On one rank. */
  private static void trainThreeSteps(TrainingConfiguration training, Path run) {
    RunSpecification specification =
        new RunSpecification(
            MODEL,
            with(training, "steps", 3L),
            folder.resolve("data").toString(),
            run.toString(),
            "",
            "cpu",
            false,
            List.of(),
            new LeaseTicket("run of the test", "owner", 1),
            "");
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    try (var communicator = InProcessGroup.of(1, Duration.ofMinutes(1)).communicator(0)) {
      Trainer.run(
          specification, new Configuration(), compute, communicator, new Silent(), () -> false);
    }
  }

  private static final class Silent implements TrainingListener {
    @Override
    public void onStart(StartReport report) {}

    @Override
    public void onStep(StepReport report) {}

    @Override
    public void onEvaluation(long step, double loss) {}

    @Override
    public void onCheckpoint(long step, String folder) {}
  }

  @BeforeEach
  void configureSpark() {
    spark.put("spark.master", "local-cluster[2,1,1024]");
    spark.put("spark.executor.cores", "1");
    spark.put("spark.executor.memory", "1024m");
    spark.put("spark.executor.extraJavaOptions", "-XX:+UseG1GC");
  }

  private Preflight.Result check() {
    return preflight().check(OptionalInt.of(2));
  }

  private Preflight preflight() {
    return new Preflight(configuration(), spark, new Configuration(), 1L << 30);
  }

  private PretrainConfiguration configuration() {
    return new PretrainConfiguration(
        model,
        training,
        data.toString(),
        run.toString(),
        from,
        device,
        cluster,
        recovery,
        existingRun,
        allowed,
        false,
        "");
  }

  private List<String> problems() {
    return check().problems().stream().map(Problem::toString).toList();
  }

  private String deed() {
    Preflight.Result result = check();
    assertEquals(List.of(), result.problems());
    return result.start().orElseThrow().deed();
  }

  private String resumes() {
    return "resume from step 3 of "
        + training.steps()
        + ", checkpoint "
        + run.resolve("step-00000003");
  }

  static Stream<String> fixed() {
    // Another objective needs another kind of model, which is refused first.
    return settings(SettingClass.FIXED).filter(key -> !key.equals("training.objective"));
  }

  static Stream<String> trajectory() {
    return settings(SettingClass.TRAJECTORY).filter(ResumePreflightTest::isRead);
  }

  static Stream<String> free() {
    return Stream.concat(
        settings(SettingClass.FREE), settings(SettingClass.TRAJECTORY).filter(key -> !isRead(key)));
  }

  /** Not by another schedule or optimizer only. */
  private static boolean isRead(String key) {
    return TrainerState.settings(MODEL, TRAINING, 1).values().containsKey(key);
  }

  private static Stream<String> settings(SettingClass type) {
    return SettingClasses.keys(type).stream().filter(key -> !key.startsWith(SettingClasses.CORPUS));
  }

  @ParameterizedTest
  @MethodSource("fixed")
  void shouldRefuseAnotherValueOfWhatIsFixed(String key) throws IOException {
    change(key);
    for (List<String> names : List.of(List.<String>of(), List.of(key))) {
      allowed = names;
      // Another kind of model is for another objective, which the corpus is not for.
      if (model.kind() == MODEL.kind()) {
        assertEquals(
            1 + OtherValues.NEEDS.getOrDefault(key, Map.of()).size(),
            problems().size(),
            problems().toString());
      }
      String refusal =
          "The checkpoint of step 3 was written with another "
              + key
              + ", which cannot change within a run: "
              + key
              + "=";
      assertTrue(
          problems().stream().anyMatch(problem -> problem.startsWith(refusal)),
          problems().toString());
      assertTrue(check().start().isEmpty());
    }
  }

  @ParameterizedTest
  @MethodSource("trajectory")
  void shouldChangeTheCourseOnlyWhenThatIsAllowed(String key) throws IOException {
    change(key);
    assertEquals(1, problems().size(), problems().toString());
    assertTrue(problems().get(0).startsWith("Another " + key), problems().toString());
    assertTrue(problems().get(0).contains("--allow-change " + key + " "), problems().toString());

    allowed = List.of(key);
    assertEquals(resumes(), deed());
    assertEquals(
        List.of(key),
        check().start().orElseThrow().changes().stream().map(change -> change.key()).toList());
  }

  @ParameterizedTest
  @MethodSource("free")
  void shouldResumeWhateverIsFree(String key) throws IOException {
    change(key);
    assertEquals(resumes(), deed());
    assertEquals(List.of(), check().start().orElseThrow().changes());
  }

  /** A rank rounds the sum of its logical shards. */
  @Test
  void shouldCompareTheRanksWhereExchangedGradientsAreRounded() {
    training = with(TRAINING, "gradientExchange", ElementType.BF16);
    run = folder.resolve("rounded");
    trainThreeSteps(training, run);
    String refusal =
        "Another cluster.ranks would change the course of the run after step 3: cluster.ranks=2,"
            + " checkpoint=1. Set cluster.ranks=1 to go on as before, or give --allow-change"
            + " cluster.ranks to change it from here on.";
    assertEquals(List.of(refusal), problems());

    allowed = List.of("cluster.ranks");
    assertRanksChange();
    allowed = List.of();
    recovery = with(recovery, "allowFewerRanks", true);
    assertRanksChange();

    cluster = with(cluster, "ranks", 1);
    assertEquals(resumes(), deed());
    assertEquals(List.of(), check().start().orElseThrow().changes());

    // How many there are may be known only when they have come.
    recovery = RecoveryConfiguration.DEFAULT;
    cluster = with(cluster, "ranks", 0);
    Preflight preflight = preflight();
    assertEquals(List.of(), preflight.check(OptionalInt.empty()).problems());
    assertEquals(
        List.of(refusal),
        preflight.check(OptionalInt.of(2)).problems().stream().map(Problem::toString).toList());
    assertEquals(List.of(), preflight.check(OptionalInt.of(1)).problems());
  }

  private void assertRanksChange() {
    assertEquals(resumes(), deed());
    assertEquals(
        List.of(new SettingChange(3, "cluster.ranks", 1L, 2L)),
        check().start().orElseThrow().changes());
  }

  private void change(String key) throws IOException {
    int dot = key.indexOf('.');
    String name = key.substring(dot + 1);
    switch (dot < 0 ? key : key.substring(0, dot)) {
      case "model" -> model = with(prepared(key), name, OtherValues.BY_KEY.get(key));
      case "training" -> training = with(training, name, OtherValues.BY_KEY.get(key));
      case "cluster" -> cluster = with(cluster, name, OtherValues.BY_KEY.get(key));
      case "recovery" -> recovery = with(recovery, name, OtherValues.BY_KEY.get(key));
      case "from" -> from = (String) OtherValues.BY_KEY.get(key);
      case "device" -> device = (String) OtherValues.BY_KEY.get(key);
      case "data" -> data = copy(data, "moved-data");
      case "run" -> run = copy(run, "moved-run");
      default -> throw new IllegalArgumentException("No way to change this setting: key=" + key);
    }
  }

  private ModelConfiguration prepared(String key) {
    ModelConfiguration prepared = model;
    for (Map.Entry<String, Object> needed :
        OtherValues.NEEDS.getOrDefault(key, Map.of()).entrySet()) {
      prepared = with(prepared, needed.getKey(), needed.getValue());
    }
    return prepared;
  }

  @SuppressWarnings("unchecked") // getClass() of a record
  private static <R extends Record> R with(R record, String name, Object value) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    try {
      Object[] values = new Object[components.length];
      for (int i = 0; i < components.length; i++) {
        values[i] =
            components[i].getName().equals(name)
                ? value
                : components[i].getAccessor().invoke(record);
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return (R) record.getClass().getConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path copy(Path from, String name) throws IOException {
    Path to = folder.resolve(name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
    return to;
  }

  @Test
  void shouldListAllThatDiffersBesideOtherProblems() {
    spark.put("spark.speculation", "true");
    model = with(with(model, "heads", 1), "dropout", 0.1f);
    training = with(training, "microBatch", 4);

    List<String> found = problems();

    assertEquals(4, found.size(), found.toString());
    assertTrue(found.get(1).contains("model.heads=1, checkpoint=2"), found.toString());
    assertTrue(found.get(2).contains("training.microBatch=4, checkpoint=2"), found.toString());
    assertTrue(found.get(3).contains("model.dropout=0.1, checkpoint=0"), found.toString());
  }

  @Test
  void shouldCompareWhatItCanWithoutACorpus() {
    data = folder.resolve("no-data");
    training = with(training, "microBatch", 4);

    List<String> found = problems();

    assertEquals(2, found.size(), found.toString());
    assertTrue(found.get(0).startsWith("The prepared corpus cannot be read"), found.toString());
    assertTrue(found.get(1).contains("training.microBatch=4, checkpoint=2"), found.toString());
  }

  @Test
  void shouldRefuseAnotherCorpus() throws IOException {
    data = folder.resolve("longer-data");
    SampleCorpus.write(data, 5001, 100);

    List<String> found = problems();

    assertEquals(1, found.size(), found.toString());
    assertTrue(
        found
            .get(0)
            .startsWith(
                "The checkpoint of step 3 was trained on another corpus: corpus.trainTokens=5001,"
                    + " checkpoint=5000; corpus.trainChecksum="),
        found.toString());
  }

  @Test
  void shouldRefuseToAllowWhatDoesNotChange() {
    allowed = List.of("training.learningRate");
    assertEquals(
        List.of(
            "A setting that may change has the value of the checkpoint: --allow-change"
                + " training.learningRate, step=3. Give it another value, or leave --allow-change"
                + " training.learningRate out."),
        problems());
  }

  @Test
  void shouldSayThatItStartsAnewWhereThereIsNothingToResume() {
    run = folder.resolve("not-there");
    assertEquals("start anew at step 0, for the run folder holds no checkpoint to resume", deed());
    allowed = List.of("training.learningRate");
    assertEquals(
        List.of(
            "There is no checkpoint whose settings could change: run="
                + run
                + ", --allow-change training.learningRate. Set run to the folder of the run to be"
                + " resumed, or leave --allow-change out."),
        problems());
  }

  @Test
  void shouldSayWhatItOverwrites() {
    existingRun = ExistingRun.OVERWRITE;
    assertEquals("overwrite the run folder (delete step-00000003) and start at step 0", deed());
    run = folder.resolve("not-there");
    assertEquals("start at step 0", deed());
    existingRun = ExistingRun.REFUSE;
    assertEquals("start at step 0", deed());
  }

  @Test
  void shouldRefuseACheckpointWithoutTheOptimizersState() throws IOException {
    run = copy(run, "no-moments");
    Path step = run.resolve("step-00000003");
    Path manifest = step.resolve("manifest.json");
    Files.delete(step.resolve("optimizer-00000-of-00001.safetensors"));
    String json = Files.readString(manifest);
    String without =
        json.replaceFirst("(?s)\\{[^{}]*optimizer-00000-of-00001.safetensors[^{}]*\\},?\\s*", "");
    Files.writeString(manifest, without);

    List<String> found = problems();

    assertEquals(1, found.size(), found.toString());
    assertTrue(
        found
            .get(0)
            .startsWith(
                "The checkpoint cannot be resumed: The checkpoint holds other state than the optimizer keeps: folder="),
        found.toString());
  }

  @Test
  void shouldNameTheDamageWhenNoCheckpointIsWhole() throws IOException {
    run = copy(run, "damaged");
    Path weights = run.resolve("step-00000003/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);

    List<String> found = problems();

    assertEquals(1, found.size(), found.toString());
    assertTrue(
        found
            .get(0)
            .startsWith(
                "No checkpoint of the run is undamaged: run=" + run + ", first damage=file="),
        found.toString());
    assertTrue(found.get(0).contains("model.safetensors, expected sha256="), found.toString());
  }
}
