package io.shardfire.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchDeviceTest {
  @TempDir private Path folder;

  @Test
  void shouldReportOnThisDevice() throws Exception {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Commands.create(new Bench(), new PrintWriter(out), new PrintWriter(err))
            .execute(
                "device",
                "--quick",
                "--repetitions=1",
                "--only=SquareSum",
                "--note=driver 1.2",
                "--output=" + folder);

    assertEquals(ExitCode.OK, code, err::toString);
    String report = Files.readString(folder.resolve("report.md"));
    assertTrue(report.startsWith("# "), report);
    assertTrue(report.contains(": right\n"), report);
    assertTrue(report.contains("\n- driver 1.2\n"), report);
    JsonNode json = new ObjectMapper().readTree(folder.resolve("report.json").toFile());
    int checks = json.get("checks").size();
    assertTrue(checks > 100, () -> "checks=" + checks);
    assertTrue(report.contains("| " + checks + " of " + checks + " within tolerance"), report);
    assertTrue(report.contains("| the same in every step |"), report);
    assertEquals("SquareSum", json.get("kernels").get(3).get("operation").asText());
    assertEquals(4, json.get("kernels").size());
  }
}
