package io.shardfire.driver.plan;

import io.shardfire.sharding.lease.Submission;
import java.util.Map;

/** Tells from the session's settings which submission this driver is an attempt of. */
public final class SubmissionSettings {
  /** The id that a user gave; the job's option and environment variable end up here. */
  public static final String ID = "spark.shardfire.submissionId";

  private SubmissionSettings() {}

  /**
   * The id that the user gave, else that of the application where the cluster manager runs, and may
   * run again, the driver: YARN and Kubernetes in cluster mode. Elsewhere Spark makes a new
   * application id for every start.
   *
   * @param spark as they are before the session begins, which adds an application id of its own
   */
  public static Submission of(Map<String, String> spark) {
    String given = spark.getOrDefault(ID, "").strip();
    if (!given.isEmpty()) {
      return new Submission(given, false);
    }
    String yarn = spark.getOrDefault("spark.yarn.app.id", "");
    if (!yarn.isEmpty()) {
      return new Submission(yarn, true);
    }
    boolean driverPod = Boolean.parseBoolean(spark.get("spark.kubernetes.submitInDriver"));
    String application = spark.getOrDefault("spark.app.id", "");
    return driverPod && !application.isEmpty()
        ? new Submission(application, true)
        : Submission.NONE;
  }
}
