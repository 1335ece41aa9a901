package io.shardfire.jobs.command;

import java.util.Optional;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.util.VersionInfo;

/** Tells what to do when a path names a file system whose library is not there, or only in part. */
final class MissingConnector {
  private static final String FILE_SYSTEMS = "org.apache.hadoop.fs.";
  private static final String S3 = "s3a.";
  private static final String AMAZON = "software.amazon.awssdk.";

  private MissingConnector() {}

  /** A message for people; empty where a failure has another cause. */
  static Optional<String> explain(Throwable failure) {
    return ExceptionUtils.getThrowableList(failure).stream()
        .filter(cause -> cause instanceof ClassNotFoundException || cause instanceof LinkageError)
        .map(cause -> String.valueOf(cause.getMessage()).replace('/', '.'))
        .filter(message -> message.contains(FILE_SYSTEMS) || message.contains(AMAZON))
        .findFirst()
        .map(MissingConnector::message);
  }

  private static String message(String missing) {
    boolean s3 = missing.contains(FILE_SYSTEMS + S3) || missing.contains(AMAZON);
    String library = s3 ? "org.apache.hadoop:hadoop-aws:" + VersionInfo.getVersion() : "LIBRARY";
    return "The library of a file system, which Spark does not bring, is not there or does not fit"
        + " it: missing="
        + missing
        + ". Let spark-submit bring it, with --packages "
        + library
        + ", or put its jars into the folder jars of Spark or of the distribution";
  }
}
