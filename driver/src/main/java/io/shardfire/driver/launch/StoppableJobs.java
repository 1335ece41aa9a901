package io.shardfire.driver.launch;

import java.util.Properties;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;

/**
 * Stops the Spark jobs of a job group: those that run, and, as a listener of the session, those
 * that start later. Spark itself cancels jobs in advance only since version 4.0. Thread-safe.
 */
final class StoppableJobs extends SparkListener {
  private final JavaSparkContext spark;
  private final String jobGroup;
  private volatile boolean stopped;

  /** Does not register itself. */
  StoppableJobs(JavaSparkContext spark, String jobGroup) {
    this.spark = spark;
    this.jobGroup = jobGroup;
  }

  /** Stops them, for good. Returns at once. */
  void stop() {
    stopped = true;
    cancel();
  }

  @Override
  public void onJobStart(SparkListenerJobStart event) {
    Properties properties = event.properties();
    if (stopped
        && properties != null
        && jobGroup.equals(properties.getProperty(ExecutorWatch.JOB_GROUP))) {
      cancel();
    }
  }

  private void cancel() {
    if (!spark.sc().isStopped()) {
      spark.cancelJobGroup(jobGroup);
    }
  }
}
