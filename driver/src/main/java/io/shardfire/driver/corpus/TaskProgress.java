package io.shardfire.driver.corpus;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Counts the finished tasks of one preparation's jobs, told apart from the session's other jobs by
 * local properties. Called by the one thread of Spark's listener bus.
 */
final class TaskProgress extends SparkListener {
  private static final String PREPARATION = "shardfire.prepare.id";
  private static final String PHASE = "shardfire.prepare.phase";

  private final String id;
  private final PrepareListener listener;
  private final Map<Integer, Tally> tallyOfStage = new HashMap<>();
  private final Map<PreparePhase, Tally> tallies = new EnumMap<>(PreparePhase.class);

  private static final class Tally {
    private final PreparePhase phase;
    private long total;
    private long done;

    private Tally(PreparePhase phase) {
      this.phase = phase;
    }
  }

  /**
   * Does not register itself.
   *
   * @param id unique to the preparation
   */
  TaskProgress(String id, PrepareListener listener) {
    this.id = id;
    this.listener = listener;
  }

  /** Local properties that mark the jobs of a phase. */
  Map<String, String> properties(PreparePhase phase) {
    return Map.of(PREPARATION, id, PHASE, phase.name());
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted stage) {
    Properties properties = stage.properties();
    if (properties == null || !id.equals(properties.getProperty(PREPARATION))) {
      return;
    }
    PreparePhase phase = PreparePhase.valueOf(properties.getProperty(PHASE));
    Tally tally = tallies.computeIfAbsent(phase, Tally::new);
    tally.total += stage.stageInfo().numTasks();
    tallyOfStage.put(stage.stageInfo().stageId(), tally);
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    Tally tally = tallyOfStage.get(end.stageId());
    if (tally != null && end.taskInfo().successful()) {
      tally.done++;
      listener.advanced(tally.phase, tally.done, tally.total);
    }
  }
}
