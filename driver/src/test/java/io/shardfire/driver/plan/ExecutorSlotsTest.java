package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ExecutorSlotsTest {
  private static OptionalInt slots(String... settings) {
    Map<String, String> spark = new TreeMap<>();
    for (int i = 0; i < settings.length; i += 2) {
      spark.put(settings[i], settings[i + 1]);
    }
    return ExecutorSlots.promised(spark);
  }

  @Test
  void shouldCountTheTasksThatFitTheMaster() {
    assertEquals(OptionalInt.of(1), slots("spark.master", "local"));
    assertEquals(OptionalInt.of(4), slots("spark.master", "local[4]"));
    assertEquals(OptionalInt.of(4), slots("spark.master", "local[4,2]"));
    assertEquals(
        OptionalInt.of(3),
        slots(
            "spark.master", "local-cluster[3,2,1024]",
            "spark.executor.cores", "2",
            "spark.task.cpus", "2"));
    assertEquals(
        OptionalInt.of(5),
        slots(
            "spark.master", "yarn",
            "spark.executor.instances", "5",
            "spark.executor.cores", "8",
            "spark.task.cpus", "8"));
  }

  /** Otherwise a run would begin with the first executor that comes. */
  @Test
  void shouldCountTheExecutorsThatAStandaloneClusterGives() {
    assertEquals(
        OptionalInt.of(4),
        slots(
            "spark.master", "spark://host:7077",
            "spark.cores.max", "9",
            "spark.executor.cores", "2",
            "spark.task.cpus", "2"));
    assertEquals(
        OptionalInt.empty(), slots("spark.master", "spark://host:7077", "spark.cores.max", "9"));
    assertEquals(
        OptionalInt.empty(),
        slots(
            "spark.master", "spark://host:7077",
            "spark.executor.cores", "2",
            "spark.executor.instances", "5"));
  }

  @Test
  void shouldSayWhenTheSettingsDoNotTell() {
    assertEquals(OptionalInt.empty(), slots("spark.master", "spark://host:7077"));
    assertEquals(
        OptionalInt.of(0),
        slots(
            "spark.master", "local-cluster[2,1,1024]",
            "spark.executor.cores", "1",
            "spark.task.cpus", "2"));
  }
}
