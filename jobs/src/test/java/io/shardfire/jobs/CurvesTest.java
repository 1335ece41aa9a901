package io.shardfire.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CurvesTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldCompareRuns() throws IOException {
    String small = run("small", 200, 4, 100);
    String large = run("large", 400, 3, 0);

    assertEquals(ExitCode.OK, curves(small, large), err::toString);

    String width = String.valueOf(Math.max(small.length(), large.length()));
    assertEquals(
        ("%-" + width + "s     steps  tokens     loss validation   at step   tok/s%n")
                .formatted("run")
            + ("%-" + width + "s       200   12.8k   4.5000     4.2500       100     128%n")
                .formatted(small)
            + ("%-" + width + "s       400   25.6k   3.5000          -         -     128%n")
                .formatted(large),
        out.toString());
  }

  @Test
  void shouldDrawThem() throws IOException {
    String small = run("small", 200, 4, 100);
    String large = run("large", 40_000, 3, 0);
    Path picture = folder.resolve("losses.svg");

    assertEquals(
        ExitCode.OK, curves(small, large, "--plot", picture.toString(), "--over", "tokens"));
    String svg = Files.readString(picture);
    assertTrue(svg.contains(">tokens, thousands<"), svg);
    // The short run ends before the picture begins.
    assertFalse(svg.contains(small), svg);
    assertFalse(svg.contains(">Validation<"), svg);

    assertEquals(ExitCode.OK, curves(small, large, "--plot", picture.toString(), "--from", "50"));
    svg = Files.readString(picture);
    assertTrue(svg.contains(small) && svg.contains(large), svg);
    assertTrue(svg.contains(">Validation<"), svg);
    assertTrue(svg.contains(">step, thousands<"), svg);
  }

  @Test
  void shouldRefuseAStepThatNoRunHas() throws IOException {
    assertEquals(ExitCode.FAILURE, curves(run("small", 20, 4, 0), "--from", "20"));
    assertEquals("", out.toString());
    assertEquals(
        "error: No run has come as far; name an earlier step: --from=20, steps=20\n",
        err.toString());
  }

  /** Losses that alternate between one half and a whole above a floor, in steps of 64 tokens. */
  private String run(String name, int steps, double floor, int evaluated) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int step = 1; step <= steps; step++) {
      lines.append(
          String.format(
              Locale.ROOT,
              "{\"event\":\"step\",\"step\":%d,\"loss\":%.2f,\"tokens\":64,\"seconds\":0.5}%n",
              step,
              floor + (step % 2 == 0 ? 0.25 : 0.75)));
      if (step == evaluated) {
        lines.append(
            String.format(
                Locale.ROOT,
                "{\"event\":\"evaluation\",\"step\":%d,\"loss\":%.2f}%n",
                step,
                floor + 0.25));
      }
    }
    Path metrics = Files.createDirectories(folder.resolve(name).resolve("metrics"));
    Files.writeString(metrics.resolve("part-00000.jsonl"), lines);
    return folder.resolve(name).toString();
  }

  private int curves(String... arguments) {
    return Commands.create(new Curves(), new PrintWriter(out), new PrintWriter(err))
        .execute(arguments);
  }
}
