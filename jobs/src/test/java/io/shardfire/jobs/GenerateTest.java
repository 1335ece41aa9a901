package io.shardfire.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GenerateTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String model;

  @BeforeEach
  void writeModel() throws IOException {
    model = SampleModel.write(folder.resolve("model"), SampleModel.gpt2()).toString();
  }

  /** The last norm of this model makes all logits 0, so that the first token is taken. */
  @ParameterizedTest
  @CsvSource({"fp32", "int8", "INT4"})
  void shouldContinueWithWeightsOfEveryFormat(String weights) {
    assertEquals(
        ExitCode.OK,
        generate("-m", model, "-p", "bcd", "-n", "3", "-t", "0", "--weights", weights),
        err::toString);
    assertEquals("bcdaaa\n", out.toString());
    assertTrue(
        err.toString().startsWith("weights " + weights.toLowerCase(Locale.ROOT) + ", "),
        err.toString());
  }

  @Test
  void shouldKeepWeightsAsTheyAreByDefault() {
    assertEquals(ExitCode.OK, generate("-m", model, "-p", "b", "-n", "1"), err::toString);
    assertTrue(err.toString().startsWith("weights fp32, 0.0 MB\n"), err.toString());
  }

  @Test
  void shouldNameTheFormatsThatThereAre() {
    assertEquals(ExitCode.USAGE, generate("-m", model, "-p", "b", "--weights", "int5"));
    assertTrue(
        err.toString()
            .startsWith(
                "error: Invalid value for option '--weights': expected one of [FP32, INT8, INT4]"
                    + " (case-insensitive) but was 'int5'\n"),
        err.toString());
  }

  private int generate(String... arguments) {
    return Commands.create(new Generate(), new PrintWriter(out), new PrintWriter(err))
        .execute(arguments);
  }
}
