package io.shardfire.jobs.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DoctorReportTest {
  private record Fixed(String name, List<Finding> run) implements Check {}

  @Test
  void shouldPrintOneLinePerFindingAndCountFailures() {
    StringWriter out = new StringWriter();
    Check good = new Fixed("good", List.of(Finding.ok("first"), Finding.ok("second")));
    Check bad = new Fixed("bad", List.of(Finding.failed("broken", "mend it")));

    int failures = new DoctorReport(new PrintWriter(out)).run(List.of(good, bad, good));

    assertEquals(1, failures);
    assertEquals(
        """
        good       ok   first
                   ok   second
        bad        FAIL broken
                        -> mend it
        good       ok   first
                   ok   second
        """,
        out.toString());
  }

  @Test
  void shouldRequireARemedy() {
    assertThrows(IllegalArgumentException.class, () -> Finding.failed("broken", " "));
  }

  @Test
  void shouldWantJava17WithG1() {
    assertFalse(JavaCheck.version(16).ok());
    assertTrue(JavaCheck.version(17).ok());
    assertTrue(JavaCheck.collector(List.of("G1 Young Generation")).ok());
    assertEquals(
        "garbage collector Copy, MarkSweepCompact",
        JavaCheck.collector(List.of("Copy", "MarkSweepCompact")).text());
    assertFalse(JavaCheck.collector(List.of("Copy", "MarkSweepCompact")).ok());
  }

  @Test
  void shouldWantMemoryForTwoExecutors() {
    assertFalse(MemoryCheck.memory(2048, 512, 2).ok());
    assertEquals(
        "machine 8192 MiB, heap of this JVM 1024 MiB, 4 cores",
        MemoryCheck.memory(8192, 1024, 4).text());
  }

  @Test
  void shouldWantASparkHomeThatExecutorsCanStartFrom(@TempDir Path folder) throws IOException {
    assertEquals("SPARK_HOME is not set", home(Map.of()).text());
    Map<String, String> environment = Map.of("SPARK_HOME", folder.toString());
    assertEquals("SPARK_HOME has no folder jars: SPARK_HOME=" + folder, home(environment).text());
    Files.createDirectory(folder.resolve("jars"));
    assertTrue(home(environment).ok());
  }

  private static Finding home(Map<String, String> environment) {
    return new SparkCheck(environment).run().get(1);
  }
}
