package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.shardfire.driver.plan.EmbeddedMaster;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class SparkOptionsTest {
  @CommandLine.Command
  private static final class Holder {
    @CommandLine.Mixin SparkOptions options;
  }

  @Test
  void shouldStartExecutorsHereWhenNoMasterIsChosen() {
    SortedMap<String, String> settings = settings(Map.of());

    assertEquals("local-cluster[2,1,1536]", settings.get("spark.master"));
    assertEquals("1536m", settings.get("spark.executor.memory"));
    assertEquals("1.0", settings.get("spark.scheduler.minRegisteredResourcesRatio"));
  }

  @Test
  void shouldKeepWhatWasSubmitted() {
    SortedMap<String, String> settings =
        settings(Map.of("spark.master", "yarn", "spark.executor.memory", "8g"));

    assertEquals("yarn", settings.get("spark.master"));
    assertEquals("8g", settings.get("spark.executor.memory"));
  }

  @Test
  void shouldPutTheCommandLineOverWhatWasSubmitted() {
    SortedMap<String, String> settings =
        settings(
            Map.of("spark.master", "yarn", "spark.executor.memory", "8g"),
            "--master",
            "local[2]",
            "--conf",
            "spark.executor.memory=9g",
            "--conf",
            "spark.x=a=b");

    assertEquals("local[2]", settings.get("spark.master"));
    assertEquals("9g", settings.get("spark.executor.memory"));
    assertEquals("a=b", settings.get("spark.x"));
    assertNull(settings.get("spark.jars"));
  }

  private static SortedMap<String, String> settings(
      Map<String, String> submitted, String... arguments) {
    Holder holder = new Holder();
    new CommandLine(holder).parseArgs(arguments);
    return holder.options.settings(new TreeMap<>(submitted), () -> new EmbeddedMaster(2, 1, 1536));
  }
}
