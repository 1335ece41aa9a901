package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.TrainingConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {
  private static final long GIB = 1L << 30;

  @TempDir Path folder;
  private final Map<String, String> spark = new TreeMap<>();
  private ExistingRun existingRun = ExistingRun.REFUSE;
  private int ranks = 2;
  private int logicalShards = 4;
  private int vocabularySize;
  private int context = 32;
  private int microBatch = 2;
  private int slots = 2;
  private String scheme = "";

  @BeforeEach
  void prepare() throws IOException {
    spark.put("spark.master", "local-cluster[2,1,1024]");
    spark.put("spark.executor.cores", "1");
    spark.put("spark.task.cpus", "1");
    spark.put("spark.executor.memory", "1024m");
    spark.put("spark.executor.extraJavaOptions", "-XX:+UseG1GC");
    SampleCorpus.write(data(), 5000, 100);
  }

  private Path data() {
    return folder.resolve("data");
  }

  private Path run() {
    return folder.resolve("runs/one");
  }

  private Preflight.Result check() {
    return preflight().check(OptionalInt.of(slots));
  }

  private Preflight preflight() {
    TrainingConfiguration training =
        TrainingConfiguration.standard()
            .steps(100)
            .microBatch(microBatch)
            .logicalShards(logicalShards)
            .seed(1)
            .learningRate(1e-3f)
            .minimumLearningRate(1e-4f)
            .warmupSteps(10)
            .evaluateEvery(50)
            .evaluationBatches(2)
            .checkpointEvery(50)
            .build();
    PretrainConfiguration configuration =
        new PretrainConfiguration(
            ModelConfiguration.decoder(2, 2, 32, context).vocabularySize(vocabularySize).build(),
            training,
            scheme + data(),
            scheme + run(),
            "",
            "auto",
            new ClusterConfiguration(ranks, 10, 10, 5, 1 << 20, true, "0"),
            RecoveryConfiguration.DEFAULT,
            existingRun,
            List.of(),
            false,
            "");
    return new Preflight(configuration, spark, new Configuration(), GIB);
  }

  private RunPlan plan() {
    Preflight.Result result = check();
    assertEquals(List.of(), result.problems());
    return result.plan().orElseThrow();
  }

  private void assertOnlyProblem(String expected) {
    assertEquals(List.of(expected), check().problems().stream().map(Problem::toString).toList());
  }

  private static void assertHas(String expected, Preflight.Result result) {
    assertTrue(
        result.problems().stream().anyMatch(problem -> problem.toString().equals(expected)),
        () -> expected + "\n is not among\n" + result.problems());
  }

  @Test
  void shouldPlanARunThatCanStart() {
    RunPlan plan = plan();

    assertEquals(new RankPlan(2, 4), plan.ranks());
    assertEquals(101, plan.model().vocabularySize());
    assertEquals(4, plan.training().logicalShards());
    assertEquals(5000, plan.corpus().orElseThrow().trainTokens());
    assertEquals(GIB, plan.heap().bytesPerRank());
    assertTrue(plan.memory().totalBytes() > 0);
    assertFalse(Files.exists(run()), "a check must not create the run folder");
  }

  @Test
  void shouldPlanARunBeforeThereIsItsCorpus() throws IOException {
    delete(data());

    Preflight.Result result = preflight().beforeCorpus(300).requireAlone();

    RunPlan plan = result.plan().orElseThrow();
    assertEquals(300, plan.model().vocabularySize());
    assertEquals(Optional.empty(), plan.corpus());
    assertTrue(plan.memory().totalBytes() > 0);
    assertEquals(Optional.of(new RunStart.Fresh()), result.start());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void shouldRefuseARunFolderBeforeThereIsACorpus() throws IOException {
    delete(data());
    Files.createDirectories(run().resolve("step-00000005"));
    Preflight preflight = preflight().beforeCorpus(300);

    assertEquals(
        List.of(
            "The run folder already holds a run: run="
                + run()
                + ", found=step-00000005. Choose another run folder, or give --resume to go on or"
                + " --overwrite to start anew."),
        preflight.check(OptionalInt.of(slots)).problems().stream().map(Problem::toString).toList());

    logicalShards = 3;
    existingRun = ExistingRun.OVERWRITE;
    spark.put("spark.dynamicAllocation.enabled", "true");
    assertEquals(2, preflight().beforeCorpus(300).check(OptionalInt.of(slots)).problems().size());
    delete(run());
    Files.writeString(Files.createDirectories(run().getParent()).resolve("one"), "a file");
    assertTrue(
        preflight().beforeCorpus(300).check(OptionalInt.of(slots)).problems().stream()
            .anyMatch(problem -> problem.finding().startsWith("The run folder cannot be written")));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void shouldLeaveNothingBehind() throws IOException {
    check();
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(data()), files.toList());
    }
  }

  @Test
  void shouldTakeOneRankPerExecutorAndOneShardPerRankByDefault() {
    ranks = 0;
    logicalShards = 0;
    slots = 3;

    assertEquals(new RankPlan(3, 3), plan().ranks());
  }

  @Test
  void shouldListAllProblemsAtOnce() {
    spark.put("spark.dynamicAllocation.enabled", "true");
    spark.put("spark.speculation", "true");
    spark.put("spark.executor.cores", "4");
    spark.put("spark.executor.resource.gpu.amount", "2");
    spark.remove("spark.executor.extraJavaOptions");
    vocabularySize = 65;
    logicalShards = 6;
    ranks = 4;
    context = 200;

    Preflight.Result result = check();
    assertEquals(9, result.problems().size(), result.problems().toString());
    assertFalse(result.sparkIsUsable());
    PreflightException e = new PreflightException(result.problems());
    assertTrue(e.getMessage().startsWith("The run cannot start, 9 problems:\n  - "), e.toString());
    assertHas(
        "Spark refuses barrier stages under dynamic allocation:"
            + " spark.dynamicAllocation.enabled=true. Set spark.dynamicAllocation.enabled=false.",
        result);
    assertHas(
        "A speculative copy of a rank would disturb the others: spark.speculation=true."
            + " Set spark.speculation=false.",
        result);
    assertHas(
        "A rank must have its executor to itself: spark.executor.cores=4, spark.task.cpus=1."
            + " Set spark.task.cpus=4.",
        result);
    assertHas(
        "A rank uses one GPU: spark.executor.resource.gpu.amount=2."
            + " Set spark.executor.resource.gpu.amount=1.",
        result);
    assertHas(
        "The corpus holds token ids that the model lacks: model.vocabularySize=65, vocabularySize"
            + " of the corpus=101. Set model.vocabularySize=0 to take the corpus's, or prepare the"
            + " corpus with the model's tokenizer.",
        result);
    assertHas(
        "A split is shorter than one sequence and its target: split=VALIDATION, tokens=100,"
            + " needed=201. Prepare the corpus with a larger validation split, or lower"
            + " model.context.",
        result);
  }

  @Test
  void shouldRefuseMoreRanksThanPlaces() {
    ranks = 4;

    assertOnlyProblem(
        "More ranks than executors have a place for: cluster.ranks=4, places=2. Lower"
            + " cluster.ranks, or give the session more executors (--master local-cluster[4,1,MiB],"
            + " or spark.executor.instances=4).");
  }

  @Test
  void shouldRefuseABatchThatTheRanksCannotShare() {
    logicalShards = 6;

    assertOnlyProblem(
        "The ranks cannot share the batch evenly: training.logicalShards=6, ranks=2; it must be the"
            + " ranks times a power of two. Set training.logicalShards=2 (or 0), or cluster.ranks to"
            + " one of 1, 3, 6.");
  }

  @Test
  void shouldRefuseATokenizerThatDidNotMakeTheShards() throws IOException {
    Files.writeString(data().resolve("tokenizer.json"), SampleCorpus.tokenizer(102));

    String problem = check().problems().get(0).toString();
    assertTrue(
        problem.startsWith(
            "The prepared corpus is not whole: data="
                + data()
                + ": Tokenizer is not the one that made the token shards: file="),
        problem);
    assertTrue(problem.contains(", expected hash="), problem);
    assertTrue(problem.contains(", actual hash="), problem);
  }

  @Test
  void shouldSayWhenThereIsNoCorpus() throws IOException {
    Files.delete(data().resolve("index.json"));

    String problem = check().problems().get(0).toString();
    assertTrue(
        problem.startsWith("The prepared corpus cannot be read: data=" + data() + ": "), problem);
    assertTrue(problem.endsWith("Set data to the folder that prepare wrote."), problem);
  }

  @Test
  void shouldNameFileSystemsThatAreNotThere() {
    scheme = "nowhere://host";

    Preflight.Result result = check();

    assertEquals(2, result.problems().size(), result.problems().toString());
    for (Problem problem : result.problems()) {
      assertTrue(problem.toString().contains("No FileSystem for scheme"), problem.toString());
    }
    assertTrue(result.problems().get(0).toString().contains("data=nowhere://host/"));
    assertTrue(result.problems().get(1).toString().contains("run=nowhere://host/"));
  }

  @Test
  void shouldCompareTheHeapWithThePlan() {
    spark.put("spark.executor.memory", "300m");

    Preflight.Result result = check();

    String problem = result.problems().get(0).toString();
    assertTrue(
        problem.matches(
            "The ranks of a Java process need more memory than it has: ranks=1, needed=\\d+ MiB,"
                + " heap=300 MiB, activations of a rank=\\d+ MiB, gradients=\\d+ MiB\\. Raise spark\\.executor\\.memory to \\d+m, lower training\\.microBatch, or set training\\.recompute=true or training\\.activations=bf16\\."),
        problem);
    assertTrue(result.plan().isPresent(), "the plan is known, so it can be shown");
  }

  @Test
  void shouldLetAllRanksOfALocalMasterShareTheHeapOfThisProcess() {
    spark.put("spark.master", "local[2]");
    assertEquals(GIB / 2, plan().heap().bytesPerRank());

    slots = 64;
    ranks = 64;
    logicalShards = 64;
    microBatch = 128;
    String problem = check().problems().get(0).toString();
    assertTrue(
        problem.startsWith(
            "The ranks of a Java process need more memory than it has: ranks=64, needed="),
        problem);
    assertTrue(
        problem.contains("heap=1024 MiB") && problem.contains(" Raise spark.driver.memory"),
        problem);
  }

  @Test
  void shouldSayWhenTheModelExceedsTheArenas() {
    microBatch = 1_000_000;

    String problem = check().problems().get(0).toString();
    assertTrue(problem.startsWith("The model does not fit into a rank's arenas: "), problem);
  }

  @Test
  void shouldNotTouchAnExistingRunUnasked() throws IOException {
    Files.createDirectories(run().resolve("step-00000100"));

    assertOnlyProblem(
        "The run folder already holds a run: run="
            + run()
            + ", found=step-00000100. Choose another run folder, or give --resume to go on or"
            + " --overwrite to start anew.");
    existingRun = ExistingRun.OVERWRITE;
    assertEquals(List.of(), check().problems());
    assertTrue(Files.exists(run().resolve("step-00000100")), "a check must delete nothing");
  }

  @Test
  void shouldRefuseARunFolderThatCannotBeWritten() throws IOException {
    Files.writeString(folder.resolve("runs"), "a file");

    String problem = check().problems().get(0).toString();
    assertTrue(problem.startsWith("The run folder cannot be written: run=" + run()), problem);
    assertTrue(problem.endsWith("Set run to a folder that this user may write."), problem);
  }

  private String refusedAlone() {
    return assertThrows(PreflightException.class, () -> preflight().requireAlone()).getMessage();
  }

  @Test
  void shouldListWhatTheDriverCanKnowBeforeThereAreExecutors() throws IOException {
    preflight().requireAlone();
    spark.put("spark.dynamicAllocation.enabled", "true");
    ranks = 4;
    logicalShards = 6;
    Files.createDirectories(run().resolve("step-00000100"));

    String message = refusedAlone();

    assertTrue(message.startsWith("The run cannot start, 4 problems:"), message);
    for (String part :
        List.of(
            "spark.dynamicAllocation.enabled=true",
            "cluster.ranks=4, places=2",
            "training.logicalShards=6, ranks=4",
            "found=step-00000100")) {
      assertTrue(message.contains(part), message);
    }
  }

  /** A standalone cluster's size is known by its executors only. */
  @Test
  void shouldNotGuessTheNumberOfRanksBeforeThereAreExecutors() {
    spark.put("spark.master", "spark://host:7077");
    ranks = 0;
    logicalShards = 6;
    microBatch = 1_000_000;

    Preflight preflight = preflight();
    preflight.requireAlone();
    assertEquals(1, preflight.awaitedSlots());
    assertTrue(
        preflight.check(OptionalInt.of(2)).problems().get(0).toString().contains("ranks=2"),
        "the rest is checked when they are known");
  }

  @Test
  void shouldSayNothingElseOfAFolderThatIsAnothers() throws IOException {
    Files.createDirectories(run().resolve("step-00000100"));
    Path lease = Files.createDirectories(run().resolve("lease"));
    Files.writeString(
        lease.resolve("generation-00000003.json"),
        """
        {"formatVersion": 1, "generation": 3, "runId": "run-a", "begunBy": "job-1",
         "owner": "owner", "submission": "job-1", "since": "2026-01-02T03:04:05Z",
         "periodSeconds": 60,
         "holder": {"user": "ann", "host": "far", "machine": "", "process": 7, "started": 1,
                    "application": "app-1", "attempt": "2"}}
        """);
    for (ExistingRun asked : ExistingRun.values()) {
      existingRun = asked;
      String message = refusedAlone();
      assertTrue(
          message.startsWith(
              "The run cannot start, 1 problem:\n  - The run folder belongs to a run that is going"
                  + " on: run="
                  + run()
                  + ", holder=ann@far, process=7, application=app-1, attempt=2, since="),
          message);
    }

    // A later attempt of the same submission goes on, whatever it was told.
    spark.put("spark.shardfire.submissionId", "job-1");
    for (ExistingRun asked : ExistingRun.values()) {
      existingRun = asked;
      preflight().requireAlone();
    }
    assertEquals(List.of("generation-00000003.json"), List.of(lease.toFile().list()));
  }
}
