package io.shardfire.driver.corpus;

import java.util.HashSet;
import java.util.Properties;
import java.util.Set;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Counts the finished tasks of one preparation's jobs, told apart from other jobs of the session by
 * a local property. Called by Spark's listener bus.
 */
final class TaskProgress extends SparkListener {
  static final String PROPERTY = "shardfire.prepare";

  private final String id;
  private final PrepareListener listener;
  private final Set<Object> stages = new HashSet<>();
  private PreparePhase phase = PreparePhase.SCAN;
  private long total;
  private long done;

  TaskProgress(String id, PrepareListener listener) {
    this.id = id;
    this.listener = listener;
  }

  String id() {
    return id;
  }

  /** The phase that the next jobs belong to. */
  synchronized void phase(PreparePhase next) {
    phase = next;
    stages.clear();
    total = 0;
    done = 0;
  }

  @Override
  public synchronized void onJobStart(SparkListenerJobStart start) {
    Properties properties = start.properties();
    if (properties == null || !id.equals(properties.getProperty(PROPERTY))) {
      return;
    }
    start
        .stageInfos()
        .foreach(
            stage -> {
              total += stage.numTasks();
              return stages.add(stage.stageId());
            });
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    if (stages.contains(end.stageId()) && end.taskInfo().successful()) {
      done++;
      listener.advanced(phase, done, total);
    }
  }
}
