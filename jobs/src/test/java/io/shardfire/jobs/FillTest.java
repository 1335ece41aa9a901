package io.shardfire.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FillTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String model;

  @BeforeEach
  void writeModel() throws IOException {
    model =
        SampleModel.write(
                folder.resolve("model"), SampleModel.encoder(), SampleModel.maskingTokenizer())
            .toString();
  }

  @Test
  void shouldShowTheLikeliestTokensOfEachMask() {
    assertEquals(
        ExitCode.OK, fill("-m", model, "-t", "b[MASK]d[MASK]", "--top", "2"), err::toString);

    // The last norm of this model makes all logits 0: all eleven tokens are as likely.
    assertEquals(
        """
        mask 1 of 2, at token 2
          probability       id  token
               0.0909        0  a
               0.0909        1  b
        mask 2 of 2, at token 4
          probability       id  token
               0.0909        0  a
               0.0909        1  b
        """,
        out.toString());
  }

  @Test
  void shouldFillWithQuantizedWeights() {
    assertEquals(ExitCode.OK, fill("-m", model, "-t", "[MASK]a", "--json"), err::toString);
    String trained = out.toString();
    out.getBuffer().setLength(0);
    assertEquals(
        ExitCode.OK,
        fill("-m", model, "-t", "[MASK]a", "--json", "--weights", "int8"),
        err::toString);
    assertEquals(trained, out.toString());
  }

  @Test
  void shouldPrintJson() throws IOException {
    assertEquals(ExitCode.OK, fill("-m", model, "-t", "[MASK]a", "--json"), err::toString);

    JsonNode masks = new ObjectMapper().readTree(out.toString());
    assertEquals(1, masks.size());
    assertEquals(1, masks.get(0).get("place").asInt());
    JsonNode guesses = masks.get(0).get("guesses");
    assertEquals(5, guesses.size());
    assertEquals("b", guesses.get(1).get("token").asText());
    assertEquals(1.0 / 11, guesses.get(1).get("probability").asDouble(), 1e-9);
  }

  @Test
  void shouldRefuseInOneLine() throws IOException {
    assertEquals(ExitCode.FAILURE, fill("-m", model, "-t", "abc"));
    assertEquals(
        "error: Nothing is hidden in the text; write [MASK] in a token's place: text=abc\n",
        err.toString());
    err.getBuffer().setLength(0);
    String decoder = SampleModel.write(folder.resolve("decoder"), SampleModel.gpt2()).toString();
    assertEquals(ExitCode.FAILURE, fill("-m", decoder, "-t", "[MASK]"));
    assertEquals(
        "error: Hidden tokens are what an encoder predicts; name one, or continue a text with"
            + " generate: model="
            + decoder
            + ", kind=DECODER\n",
        err.toString());
  }

  private int fill(String... arguments) {
    return Commands.create(new Fill(), new PrintWriter(out), new PrintWriter(err))
        .execute(arguments);
  }
}
