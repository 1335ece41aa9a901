package io.shardfire.driver.plan;

import io.shardfire.worker.train.TrainingConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Ranks against executors, and against the logical shards. */
final class RankChecks {
  private RankChecks() {}

  /**
   * @param slots ranks that find a place
   */
  static List<Problem> problems(PretrainConfiguration configuration, int slots) {
    List<Problem> problems = new ArrayList<>();
    int asked = configuration.cluster().ranks();
    int ranks = asked == 0 ? slots : asked;
    if (slots < Math.max(1, asked)) {
      problems.add(
          new Problem(
              "More ranks than executors have a place for: cluster.ranks="
                  + asked
                  + ", places="
                  + slots,
              "Lower cluster.ranks, or give the session more executors"
                  + " (--master local-cluster["
                  + Math.max(1, asked)
                  + ",1,MiB], or spark.executor.instances="
                  + Math.max(1, asked)
                  + ")"));
    }
    int logicalShards = configuration.training().logicalShards();
    if (ranks > 0 && logicalShards > 0 && !TrainingConfiguration.canShare(logicalShards, ranks)) {
      problems.add(
          new Problem(
              "The ranks cannot share the batch evenly: training.logicalShards="
                  + logicalShards
                  + ", ranks="
                  + ranks
                  + "; it must be the ranks times a power of two",
              "Set training.logicalShards="
                  + ranks
                  + " (or 0), or cluster.ranks to one of "
                  + possible(logicalShards)));
    }
    return problems;
  }

  private static String possible(int logicalShards) {
    return IntStream.rangeClosed(1, logicalShards)
        .filter(ranks -> TrainingConfiguration.canShare(logicalShards, ranks))
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", "));
  }
}
