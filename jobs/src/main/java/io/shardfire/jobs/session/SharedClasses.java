package io.shardfire.jobs.session;

import io.shardfire.driver.plan.EmbeddedMaster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The archive of classes that {@code shardfire warm} makes and the JVMs of this machine share (Java
 * calls it class-data sharing), as the launcher names it to this JVM.
 *
 * <p>Java uses an archive only under the class path that it was made with, and archives what jars
 * hold. The launcher begins its class path as Spark begins that of executors, with a folder of
 * settings that is empty; Log4j is told where its own are.
 *
 * @param archive the file, which need not be there
 */
public record SharedClasses(Path archive) {
  private static final String ARCHIVE = "shardfire.classes";
  private static final String LOGGING = "log4j2.configurationFile";
  private static final String OPTIONS = "spark.executor.extraJavaOptions";
  private static final String SETTINGS_FOLDER = "spark.executorEnv.SPARK_CONF_DIR";

  /** Those of this JVM; empty where the launcher found that sharing does not work. */
  public static Optional<SharedClasses> ofThisJvm() {
    return Optional.ofNullable(System.getProperty(ARCHIVE)).map(Path::of).map(SharedClasses::new);
  }

  /**
   * Lets executors on this machine that this process starts share the classes; others are left
   * alone, as are executors that the user gave settings of their own.
   *
   * @param settings of Spark, {@code spark.master} among them
   * @param logging where Log4j's settings are, as a location it understands
   */
  void addTo(Map<String, String> settings, String logging) {
    String master = settings.getOrDefault("spark.master", "");
    if (EmbeddedMaster.parse(master).isEmpty()
        || settings.containsKey(SETTINGS_FOLDER)
        || !Files.isRegularFile(archive)) {
      return;
    }
    settings.put(SETTINGS_FOLDER, archive.resolveSibling("no-settings").toString());
    String shared =
        "-D%s=%s -XX:SharedArchiveFile=%s -Xlog:cds=off,cds+dynamic=off"
            .formatted(LOGGING, quoted(logging), quoted(archive.toString()));
    settings.merge(OPTIONS, shared, (theirs, ours) -> ours + " " + theirs);
  }

  /** As above, with Log4j's settings of this JVM. */
  void addTo(Map<String, String> settings) {
    addTo(settings, System.getProperty(LOGGING, ""));
  }

  /** Spark splits options at blanks, outside of quotes. */
  private static String quoted(String text) {
    return text.contains(" ") ? '"' + text + '"' : text;
  }
}
