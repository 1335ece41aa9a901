package io.shardfire.driver.plan;

import io.shardfire.worker.data.CorpusIdentity;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.model.Gpt2Configuration;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.train.MemoryPlan;
import io.shardfire.worker.train.TrainerState;
import io.shardfire.worker.train.TrainingConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * Everything that can be found out before a run starts, without the executors' help. Collects all
 * problems, so that they can be mended at once. Writes nothing but a probe file, which it deletes.
 */
public final class Preflight {
  private final PretrainConfiguration configuration;
  private final Map<String, String> spark;
  private final int slots;
  private final Configuration hadoop;
  private final long ownHeap;

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
   * @param slots ranks that find a place on the executors
   * @param ownHeap largest heap of this JVM in bytes, which holds the ranks in {@code local} mode
   */
  public Preflight(
      PretrainConfiguration configuration,
      Map<String, String> spark,
      int slots,
      Configuration hadoop,
      long ownHeap) {
    this.configuration = configuration;
    this.spark = Map.copyOf(spark);
    this.slots = slots;
    this.hadoop = hadoop;
    this.ownHeap = ownHeap;
  }

  /** Runs all checks. */
  public Result check() {
    List<Problem> sparkProblems = SparkChecks.problems(spark);
    List<Problem> problems = new ArrayList<>(sparkProblems);
    List<Problem> rankProblems = RankChecks.problems(configuration, slots);
    problems.addAll(rankProblems);
    Optional<TokenIndex> index = DataChecks.read(configuration.data(), hadoop, problems);
    Optional<CorpusIdentity> corpus =
        index.flatMap(found -> DataChecks.check(configuration, found, hadoop, problems));
    Optional<RunStart> start =
        RunFolderChecks.check(
            configuration,
            RunFolder.of(hadoop, configuration.run()),
            settings(index, corpus),
            index.map(found -> DataChecks.model(configuration, found)),
            problems);
    Optional<RunPlan> plan =
        rankProblems.isEmpty() ? index.flatMap(found -> plan(found, problems)) : Optional.empty();
    return new Result(problems, sparkProblems.isEmpty(), plan, start);
  }

  /** Ranks as asked for, or one per place. */
  private int ranks() {
    int asked = configuration.cluster().ranks();
    return asked == 0 ? slots : asked;
  }

  /** V as asked for, or one per rank; 0 when neither is known. */
  private int logicalShards() {
    int asked = configuration.training().logicalShards();
    return asked == 0 ? ranks() : asked;
  }

  /** What a resumed run is compared by, as far as it is known. */
  private RunSettings settings(Optional<TokenIndex> index, Optional<CorpusIdentity> corpus) {
    TrainingConfiguration training = configuration.training().withLogicalShards(logicalShards());
    Gpt2Configuration model =
        index.map(found -> DataChecks.model(configuration, found)).orElse(configuration.model());
    return corpus
        .map(found -> TrainerState.settings(model, training, found))
        .orElseGet(() -> TrainerState.settings(model, training));
  }

  private Optional<RunPlan> plan(TokenIndex index, List<Problem> problems) {
    int ranks = ranks();
    RankPlan rankPlan = new RankPlan(ranks, logicalShards());
    TrainingConfiguration training =
        configuration.training().withLogicalShards(rankPlan.logicalShards());
    Gpt2Configuration model = DataChecks.model(configuration, index);
    RankHeap heap = RankHeap.of(spark, ranks, ownHeap);
    Optional<MemoryPlan> memory = MemoryChecks.plan(model, training, ranks, problems);
    memory.ifPresent(found -> MemoryChecks.check(found, heap, problems));
    return memory.map(
        found ->
            new RunPlan(
                rankPlan,
                model,
                training,
                index.tokenizer(),
                index.tokens(TokenSplit.TRAIN),
                index.tokens(TokenSplit.VALIDATION),
                found,
                heap));
  }
}
