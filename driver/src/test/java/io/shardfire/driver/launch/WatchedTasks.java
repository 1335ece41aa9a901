package io.shardfire.driver.launch;

import io.shardfire.driver.recovery.FailureLog;
import java.util.List;
import java.util.Properties;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;
import org.apache.spark.scheduler.TaskInfo;
import org.apache.spark.scheduler.TaskLocality;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** Tells a watch what Spark would: which tasks of a stage run where, and which executors go. */
final class WatchedTasks {
  private static final String GROUP = "watched";
  private static final int STAGE = 3;

  private final ExecutorWatch watch;
  private int tasks;

  /** Begins a generation of one stage. */
  WatchedTasks(ExecutorWatch watch, FailureLog failures) {
    this.watch = watch;
    watch.begin(GROUP, failures);
    Properties properties = new Properties();
    properties.setProperty("spark.jobGroup.id", GROUP);
    watch.onStageSubmitted(new SparkListenerStageSubmitted(stage(), properties));
  }

  private static StageInfo stage() {
    return new StageInfo(
        STAGE,
        0,
        "ranks",
        2,
        none(),
        none(),
        "",
        new TaskMetrics(),
        none(),
        Option.empty(),
        0,
        false,
        0);
  }

  /** A task starts. */
  void start(String executorId, String host) {
    TaskInfo task =
        new TaskInfo(tasks, tasks, 0, tasks, 0, executorId, host, TaskLocality.ANY(), false);
    tasks++;
    watch.onTaskStart(new SparkListenerTaskStart(STAGE, 0, task));
  }

  /** An executor goes, with what it runs. */
  void remove(String executorId, String reason) {
    watch.onExecutorRemoved(new SparkListenerExecutorRemoved(0, executorId, reason));
  }

  private static <T> Seq<T> none() {
    return CollectionConverters.asScala(List.<T>of()).toSeq();
  }
}
