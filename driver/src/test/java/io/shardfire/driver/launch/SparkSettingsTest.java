package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SparkSettingsTest {
  @Test
  void shouldGiveEachRankAnExecutorOfTheEmbeddedCluster() {
    Map<String, String> settings =
        SparkSettings.complete(Map.of("spark.master", "local-cluster[2,3,2048]"));

    assertEquals("3", settings.get("spark.executor.cores"));
    assertEquals("3", settings.get("spark.task.cpus"));
    assertEquals("2048m", settings.get("spark.executor.memory"));
    assertEquals("3", settings.get("spark.executorEnv.POCL_MAX_PTHREAD_COUNT"));
    assertEquals(
        "-XX:+UseG1GC -XX:+UseTransparentHugePages",
        settings.get("spark.executor.extraJavaOptions"));
    assertEquals("false", settings.get("spark.speculation"));
    assertEquals("false", settings.get("spark.dynamicAllocation.enabled"));
    assertEquals("1.0", settings.get("spark.scheduler.minRegisteredResourcesRatio"));
    assertEquals("false", settings.get("spark.ui.enabled"));
    assertTrue(
        settings.get("spark.deploy.appIdPattern").endsWith("-" + ProcessHandle.current().pid()));
  }

  @Test
  void shouldPinThreadsOnlyWhereOneProcessHasTheMachine() {
    String affinity = "spark.executorEnv.POCL_AFFINITY";
    assertEquals(
        "1",
        SparkSettings.complete(Map.of("spark.master", "local-cluster[1,2,1024]")).get(affinity));
    assertFalse(
        SparkSettings.complete(Map.of("spark.master", "local-cluster[2,1,1024]"))
            .containsKey(affinity));
    assertFalse(
        SparkSettings.complete(Map.of("spark.master", "yarn", "spark.executor.cores", "4"))
            .containsKey(affinity));
  }

  @Test
  void shouldLetARankAskForTheGpuOfItsExecutor() {
    String rank = "spark.task.resource.gpu.amount";
    Map<String, String> yarn = Map.of("spark.master", "yarn");
    Map<String, String> gpus =
        Map.of("spark.master", "yarn", "spark.executor.resource.gpu.amount", "1");

    assertEquals("1", SparkSettings.complete(gpus).get(rank));
    assertFalse(SparkSettings.complete(yarn).containsKey(rank));
  }

  @Test
  void shouldKeepWhatTheUserSet() {
    Map<String, String> settings =
        SparkSettings.complete(
            Map.of(
                "spark.master", "yarn",
                "spark.executor.cores", "8",
                "spark.task.cpus", "2",
                "spark.executor.extraJavaOptions", "-Dx=1",
                "spark.ui.enabled", "true"));

    assertEquals("2", settings.get("spark.task.cpus"));
    assertEquals(
        "-Dx=1 -XX:+UseG1GC -XX:+UseTransparentHugePages",
        settings.get("spark.executor.extraJavaOptions"));
    assertEquals("true", settings.get("spark.ui.enabled"));
    assertEquals("8", settings.get("spark.executorEnv.POCL_MAX_PTHREAD_COUNT"));
  }

  @Test
  void shouldLeaveCollectorAndPagesToWhoChoosesThem() {
    assertEquals(
        "-XX:+UseZGC -XX:-UseTransparentHugePages",
        javaOptions("-XX:+UseZGC -XX:-UseTransparentHugePages"));
    // An option that begins as the choice of a collector does is none.
    assertEquals(
        "-XX:+UseTransparentHugePages -XX:+UseG1GC", javaOptions("-XX:+UseTransparentHugePages"));
  }

  private static String javaOptions(String theirs) {
    String key = "spark.executor.extraJavaOptions";
    return SparkSettings.complete(Map.of("spark.master", "yarn", key, theirs)).get(key);
  }

  @Test
  void shouldGiveExecutorsAnEnvironmentToWorkIn() {
    String locale = "spark.executorEnv.LC_ALL";
    String cache = "spark.executorEnv.POCL_CACHE_DIR";
    Map<String, String> settings = SparkSettings.complete(Map.of("spark.master", "yarn"));
    assertEquals("C.UTF-8", settings.get(locale));
    assertEquals("./pocl-cache", settings.get(cache));

    settings = SparkSettings.complete(Map.of("spark.master", "spark://host:7077"));
    assertEquals("C.UTF-8", settings.get(locale));
    assertFalse(settings.containsKey(cache));

    settings = SparkSettings.complete(Map.of("spark.master", "local-cluster[1,2,1024]"));
    assertFalse(settings.containsKey(locale));

    settings =
        SparkSettings.complete(
            Map.of("spark.master", "yarn", locale, "de_DE.UTF-8", cache, "/fast/pocl"));
    assertEquals("de_DE.UTF-8", settings.get(locale));
    assertEquals("/fast/pocl", settings.get(cache));
  }
}
