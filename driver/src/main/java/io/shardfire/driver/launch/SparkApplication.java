package io.shardfire.driver.launch;

import org.apache.spark.SparkContext;

/** What users are told of the application that a job is. */
final class SparkApplication {
  private SparkApplication() {}

  /** Where to look for the reason why executors do not come. */
  static String describe(SparkContext spark) {
    String page = spark.uiWebUrl().isDefined() ? ", executors at " + spark.uiWebUrl().get() : "";
    return "See what the cluster manager says of the application: master="
        + spark.master()
        + ", application="
        + spark.applicationId()
        + page
        + (spark.master().startsWith("k8s") ? pods(spark) : "");
  }

  /** Pods that wait for an image, a volume or room say so themselves. */
  private static String pods(SparkContext spark) {
    return ": kubectl --namespace "
        + spark.conf().get("spark.kubernetes.namespace", "default")
        + " describe pods --selector spark-app-selector="
        + spark.applicationId();
  }

  /**
   * Looks whether Spark has stopped by itself, as it does where no master answers, or where the
   * application is killed.
   *
   * @throws PretrainingException when it has
   */
  static void requireAlive(SparkContext spark) {
    if (spark.isStopped()) {
      throw new PretrainingException(
          "Spark has ended the application, because no cluster manager answers or because it was"
              + " killed; the log above has the reason: master="
              + spark.master()
              + ", application="
              + spark.applicationId());
    }
  }
}
