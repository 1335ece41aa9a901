package io.shardfire.jobs.command;

import org.apache.hadoop.util.VersionInfo;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
public final class Versions implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "shardfire " + shardfire(),
      "spark " + spark(),
      "hadoop " + hadoop(),
      "java " + Runtime.version()
    };
  }

  /** Our own version, from the manifest of the jar; "development" when run from class folders. */
  public static String shardfire() {
    String version = Versions.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** The version of Spark on the class path. */
  public static String spark() {
    return org.apache.spark.package$.MODULE$.SPARK_VERSION();
  }

  /** The version of the Hadoop client on the class path. */
  public static String hadoop() {
    return VersionInfo.getVersion();
  }
}
