package io.shardfire.driver.plan;

import io.shardfire.sharding.lease.Submission;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.CorpusIdentity;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.objective.CorpusNeeds;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.train.MemoryPlan;
import io.shardfire.worker.train.StartingModel;
import io.shardfire.worker.train.TrainerState;
import io.shardfire.worker.train.TrainingConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;

/**
 * Everything that can be found out before a run starts, without the executors' help. Collects all
 * problems, so that they can be mended at once. Writes nothing but a probe file, which it deletes.
 * What does not depend on the executors' number is looked at once, in the first check. Confined to
 * one thread at a time.
 */
public final class Preflight {
  private final PretrainConfiguration configuration;
  private final Map<String, String> spark;
  private final Configuration hadoop;
  private final long ownHeap;
  private final OptionalInt vocabularyToCome;
  private Folders folders;
  private Beginning beginning;

  /**
   * What was found.
   *
   * @param problems in the order of the checks; the run can start when there are none
   * @param sparkIsUsable whether a barrier stage can run at all under the session's settings
   * @param plan what would be run; empty when problems keep it from being known
   * @param start where the run would begin; empty when problems keep it from being known
   */
  public record Result(
      List<Problem> problems,
      boolean sparkIsUsable,
      Optional<RunPlan> plan,
      Optional<RunStart> start) {
    /** Copies. */
    public Result {
      problems = List.copyOf(problems);
    }
  }

  /**
   * Checks of one run.
   *
   * @param spark settings of the session, {@code spark.master} among them
   * @param ownHeap largest heap of this JVM in bytes, which holds the ranks in {@code local} mode
   */
  public Preflight(
      PretrainConfiguration configuration,
      Map<String, String> spark,
      Configuration hadoop,
      long ownHeap) {
    this(configuration, spark, hadoop, ownHeap, OptionalInt.empty());
  }

  private Preflight(
      PretrainConfiguration configuration,
      Map<String, String> spark,
      Configuration hadoop,
      long ownHeap,
      OptionalInt vocabularyToCome) {
    this.configuration = configuration;
    this.spark = Map.copyOf(spark);
    this.hadoop = hadoop;
    this.ownHeap = ownHeap;
    this.vocabularyToCome = vocabularyToCome;
  }

  /**
   * The same checks, but those of a corpus that is yet to be made.
   *
   * @param tokens that its vocabulary is expected to have, for what the run needs of memory
   */
  public Preflight beforeCorpus(int tokens) {
    return new Preflight(configuration, spark, hadoop, ownHeap, OptionalInt.of(tokens));
  }

  /**
   * Checks of a run whose session will have, or has, these settings.
   *
   * @param configuration with absolute paths
   */
  public static Preflight of(
      PretrainConfiguration configuration, SparkConf settings, Configuration hadoop) {
    return new Preflight(
        configuration, SessionSettings.of(settings), hadoop, Runtime.getRuntime().maxMemory());
  }

  /** What was found in the folders that the run reads and writes. */
  private record Folders(
      Optional<TokenIndex> index,
      Optional<CorpusNeeds> needs,
      Optional<CorpusIdentity> corpus,
      Optional<ExistingRun> begins,
      List<Problem> problems) {}

  /** Where the run would begin, when it has so many logical shards and ranks. */
  private record Beginning(
      int logicalShards, int ranks, Optional<RunStart> start, List<Problem> problems) {}

  /** Which submission the run is an attempt of. */
  public Submission submission() {
    return SubmissionSettings.of(spark);
  }

  /**
   * Runs all checks before executors are there, with as many ranks as the settings promise.
   *
   * @return without problems
   * @throws PreflightException listing every problem
   */
  public Result requireAlone() {
    int asked = configuration.cluster().ranks();
    OptionalInt promised = ExecutorSlots.promised(spark);
    OptionalInt slots = promised.isPresent() || asked == 0 ? promised : OptionalInt.of(asked);
    Result result = check(slots);
    if (!result.problems().isEmpty()) {
      throw new PreflightException(result.problems());
    }
    return result;
  }

  /** Ranks to wait for: those that were asked for, but no more than the settings promise. */
  public int awaitedSlots() {
    int asked = configuration.cluster().ranks();
    OptionalInt promised = ExecutorSlots.promised(spark);
    return asked == 0 ? promised.orElse(1) : Math.min(asked, promised.orElse(asked));
  }

  /**
   * Runs all checks.
   *
   * @param slots ranks that find a place on the executors; empty when that is not known yet, and
   *     the number of ranks cannot be checked
   */
  public Result check(OptionalInt slots) {
    List<Problem> sparkProblems = SparkChecks.problems(spark);
    List<Problem> problems = new ArrayList<>(sparkProblems);
    List<Problem> rankProblems =
        slots.isPresent() ? RankChecks.problems(configuration, slots.getAsInt()) : List.of();
    problems.addAll(rankProblems);
    if (folders == null) {
      folders = folders();
    }
    problems.addAll(folders.problems());
    Optional<RunStart> start = folders.begins().flatMap(mode -> start(mode, slots, problems));
    Optional<RunPlan> plan =
        rankProblems.isEmpty() && slots.isPresent()
            ? model()
                .flatMap(
                    model ->
                        folders
                            .needs()
                            .flatMap(needs -> plan(model, needs, slots.getAsInt(), problems)))
            : Optional.empty();
    return new Result(problems, sparkProblems.isEmpty(), plan, start);
  }

  private Folders folders() {
    List<Problem> problems = new ArrayList<>();
    Optional<TokenIndex> index =
        vocabularyToCome.isPresent()
            ? Optional.empty()
            : DataChecks.read(configuration.data(), hadoop, problems);
    Optional<CorpusNeeds> needs = DataChecks.needs(configuration, problems);
    Optional<CorpusIdentity> corpus =
        index.flatMap(found -> DataChecks.check(configuration, found, needs, hadoop, problems));
    Optional<ExistingRun> begins =
        LeaseChecks.check(
            configuration.existingRun(),
            RunFolder.of(hadoop, configuration.run()),
            submission(),
            problems);
    return new Folders(index, needs, corpus, begins, problems);
  }

  /** Looks at the run folder; a second time only when what it is compared with has changed. */
  private Optional<RunStart> start(ExistingRun mode, OptionalInt slots, List<Problem> problems) {
    int ranks = ranks(slots.orElse(0));
    int shards = logicalShards(ranks);
    if (beginning == null || beginning.logicalShards() != shards || beginning.ranks() != ranks) {
      List<Problem> found = new ArrayList<>();
      Optional<RunStart> start =
          RunFolderChecks.check(
              configuration.withExistingRun(mode),
              RunFolder.of(hadoop, configuration.run()),
              settings(shards, ranks),
              folders.index().map(index -> DataChecks.model(configuration, index)),
              found);
      if (start.filter(at -> !(at instanceof RunStart.Resume)).isPresent()) {
        folders.index().ifPresent(index -> startingModel(index, found));
      }
      beginning = new Beginning(shards, ranks, start, found);
    }
    problems.addAll(beginning.problems());
    return beginning.start();
  }

  /** A run that goes on does not look at what it once began with. */
  private void startingModel(TokenIndex index, List<Problem> problems) {
    if (!configuration.from().isEmpty()) {
      StartingModel.refusals(
              hadoop,
              configuration.from(),
              DataChecks.model(configuration, index),
              index.vocabularyHash())
          .forEach(refusal -> problems.add(new Problem(refusal.finding(), refusal.remedy())));
    }
  }

  /** Ranks as asked for, or one per place. */
  private int ranks(int slots) {
    int asked = configuration.cluster().ranks();
    return asked == 0 ? slots : asked;
  }

  /** V as asked for, or one per rank; 0 when neither is known. */
  private int logicalShards(int ranks) {
    int asked = configuration.training().logicalShards();
    return asked == 0 ? ranks : asked;
  }

  /** What a resumed run is compared by, as far as it is known. */
  private RunSettings settings(int logicalShards, int ranks) {
    TrainingConfiguration training =
        configuration.training().with().logicalShards(logicalShards).build();
    ModelConfiguration model =
        folders
            .index()
            .map(found -> DataChecks.model(configuration, found))
            .orElse(configuration.model());
    return folders
        .corpus()
        .map(found -> TrainerState.settings(model, training, ranks, found))
        .orElseGet(() -> TrainerState.settings(model, training, ranks));
  }

  /** The model with its vocabulary size, when that is known or expected. */
  private Optional<ModelConfiguration> model() {
    ModelConfiguration model = configuration.model();
    if (vocabularyToCome.isPresent()) {
      return Optional.of(
          model.vocabularySize() == 0
              ? model.withVocabularySize(vocabularyToCome.getAsInt())
              : model);
    }
    return folders.index().map(index -> DataChecks.model(configuration, index));
  }

  private Optional<RunPlan> plan(
      ModelConfiguration model, CorpusNeeds needs, int slots, List<Problem> problems) {
    int ranks = ranks(slots);
    RankPlan rankPlan = new RankPlan(ranks, logicalShards(ranks));
    TrainingConfiguration training =
        configuration.training().with().logicalShards(rankPlan.logicalShards()).build();
    RankHeap heap = RankHeap.of(spark, ranks, ownHeap);
    Optional<MemoryPlan> memory = MemoryChecks.plan(model, training, ranks, problems);
    memory.ifPresent(found -> MemoryChecks.check(found, heap, problems));
    return memory.map(
        found ->
            new RunPlan(
                rankPlan,
                model,
                training,
                folders.index().map(index -> corpus(index, needs)),
                found,
                heap));
  }

  private static RunPlan.Corpus corpus(TokenIndex index, CorpusNeeds needs) {
    return new RunPlan.Corpus(
        index.tokenizer(),
        index.tokens(TokenSplit.TRAIN),
        index.tokens(TokenSplit.VALIDATION),
        DataChecks.sequencesPerEpoch(needs, index));
  }
}
