package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedClassesTest {
  private static final String OPTIONS = "spark.executor.extraJavaOptions";
  private static final String MASTER = "spark.master";
  private static final String EMBEDDED = "local-cluster[2,1,1024]";

  @TempDir private Path folder;
  private SharedClasses classes;

  @BeforeEach
  void archive() throws IOException {
    classes = new SharedClasses(Files.createFile(folder.resolve("1.jsa")));
  }

  private Map<String, String> with(
      SharedClasses shared, Map<String, String> given, String logging) {
    Map<String, String> settings = new HashMap<>(given);
    shared.addTo(settings, logging);
    return settings;
  }

  @Test
  void shouldLetExecutorsOfThisMachineShare() {
    assertEquals(
        Map.of(
            MASTER,
            EMBEDDED,
            "spark.executorEnv.SPARK_CONF_DIR",
            folder.resolve("no-settings").toString(),
            OPTIONS,
            "-Dlog4j2.configurationFile=file:/a -XX:SharedArchiveFile="
                + folder.resolve("1.jsa")
                + " -Xlog:cds=off,cds+dynamic=off -Xss1m"),
        with(classes, Map.of(MASTER, EMBEDDED, OPTIONS, "-Xss1m"), "file:/a"));
  }

  @Test
  void shouldQuoteBlanks() throws IOException {
    Path inner = Files.createDirectory(folder.resolve("a b"));
    SharedClasses apart = new SharedClasses(Files.createFile(inner.resolve("1.jsa")));
    assertEquals(
        "-Dlog4j2.configurationFile=\"file:/x y\" -XX:SharedArchiveFile=\""
            + inner.resolve("1.jsa")
            + "\" -Xlog:cds=off,cds+dynamic=off",
        with(apart, Map.of(MASTER, EMBEDDED), "file:/x y").get(OPTIONS));
  }

  @Test
  void shouldLeaveOtherExecutorsAlone() {
    for (Map<String, String> given :
        List.of(
            Map.of(MASTER, "spark://host:7077"),
            Map.of(MASTER, "local[2]"),
            Map.<String, String>of(),
            Map.of(MASTER, EMBEDDED, "spark.executorEnv.SPARK_CONF_DIR", "/mine"))) {
      assertEquals(given, with(classes, given, "file:/a"));
    }
    Map<String, String> given = Map.of(MASTER, EMBEDDED);
    assertEquals(given, with(new SharedClasses(folder.resolve("absent.jsa")), given, "file:/a"));
  }
}
