package io.shardfire.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AttentionTest {
  private static final Pattern DATA =
      Pattern.compile("<script type=\"application/json\" id=\"data\">(.*)</script>");

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldWriteTheWeightsIntoThePage() throws IOException {
    String model = SampleModel.write(folder.resolve("alibi"), SampleModel.alibi()).toString();
    Path page = folder.resolve("attention.html");

    assertEquals(
        ExitCode.OK, attention("-m", model, "-t", "badge", "-o", page.toString()), err::toString);

    assertEquals("Wrote 2 layers of 2 heads for 5 tokens to " + page + "\n", out.toString());
    String html = Files.readString(page);
    JsonNode data = data(html);
    assertEquals(model, data.get("model").asText());
    assertEquals("[\"b\",\"a\",\"d\",\"g\",\"e\"]", data.get("tokens").toString());
    assertEquals(2, data.get("layers").size());
    JsonNode layer = data.get("layers").get(1);
    assertEquals("block-1 attention", layer.get("name").asText());
    ShortBuffer weights =
        ByteBuffer.wrap(Base64.getDecoder().decode(layer.get("weights").asText()))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asShortBuffer();
    assertEquals(2 * 5 * 5, weights.remaining());
    // Queries and keys are 0, so that distance alone counts: slopes 1/16 and 1/256.
    for (int head = 0; head < 2; head++) {
      double slope = head == 0 ? 1.0 / 16 : 1.0 / 256;
      for (int query = 0; query < 5; query++) {
        double sum = 0;
        for (int key = 0; key <= query; key++) {
          sum += StrictMath.exp(-slope * (query - key));
        }
        for (int key = 0; key < 5; key++) {
          double expected = key > query ? 0 : StrictMath.exp(-slope * (query - key)) / sum;
          int stored = weights.get() & 0xFFFF;
          assertEquals(expected, stored / 65535.0, 1e-5, head + ": " + query + " to " + key);
        }
      }
    }
  }

  @Test
  void shouldShowSourceAndTargetOfAnEncoderDecoder() throws IOException {
    String model = pairs();
    Path page = folder.resolve("attention.html");

    assertEquals(
        ExitCode.OK,
        attention("-m", model, "-t", "badge", "--target", "cab", "-o", page.toString()),
        err::toString);

    assertEquals("Wrote 3 layers of 1 heads for 6 and 4 tokens to " + page + "\n", out.toString());
    JsonNode data = data(Files.readString(page));
    assertEquals("[\"b\",\"a\",\"d\",\"g\",\"e\",\"</s>\"]", data.get("source").toString());
    assertEquals("[\"<pad>\",\"c\",\"a\",\"b\"]", data.get("tokens").toString());
    assertLayer("encoder-0 attention", "source", "source", 36, data.get("layers").get(0));
    assertLayer("block-0 attention", "tokens", "tokens", 16, data.get("layers").get(1));
    assertLayer("block-0 crossAttention", "tokens", "source", 24, data.get("layers").get(2));
  }

  private String pairs() throws IOException {
    ModelConfiguration model =
        SampleModel.gpt2()
            .with()
            .kind(Kind.ENCODER_DECODER)
            .vocabularySize(SampleModel.LETTERS + 2)
            .build();
    TreeSet<Integer> letters = new TreeSet<>();
    IntStream.range(0, SampleModel.LETTERS).forEach(i -> letters.add('a' + i));
    return SampleModel.write(
            folder.resolve("pairs"),
            model,
            TokenizerJson.characters(letters, List.of("<pad>", "</s>")))
        .toString();
  }

  private static void assertLayer(
      String name, String queries, String keys, int weights, JsonNode layer) {
    assertEquals(name, layer.get("name").asText());
    assertEquals(queries, layer.get("queries").asText());
    assertEquals(keys, layer.get("keys").asText());
    assertEquals(2 * weights, Base64.getDecoder().decode(layer.get("weights").asText()).length);
  }

  /**
   * All logits are 0 but those of what the table's rows have in common with the last hidden state.
   */
  @Test
  void shouldHaveTheModelWriteTheTargetWhereNoneIsGiven() throws IOException {
    Path page = folder.resolve("attention.html");

    assertEquals(
        ExitCode.OK, attention("-m", pairs(), "-t", "badge", "-o", page.toString()), err::toString);

    JsonNode data = data(Files.readString(page));
    assertEquals("<pad>", data.get("tokens").get(0).asText());
    assertTrue(data.get("tokens").size() <= SampleModel.CONTEXT, data::toString);
  }

  @Test
  void shouldRefuseATargetOfADecoder() throws IOException {
    String model = SampleModel.write(folder.resolve("model"), SampleModel.gpt2()).toString();

    assertEquals(
        ExitCode.FAILURE,
        attention("-m", model, "-t", "a", "--target", "b", "-o", folder.resolve("p").toString()));
    assertEquals(
        "error: Only an encoder-decoder has a target; leave --target out: --target=b,"
            + " kind=DECODER\n",
        err.toString());
  }

  @Test
  void shouldNeedNothingFromElsewhere() throws IOException {
    String model = SampleModel.write(folder.resolve("model"), SampleModel.gpt2()).toString();
    Path page = folder.resolve("attention.html");

    assertEquals(
        ExitCode.OK, attention("-m", model, "-t", "a", "-o", page.toString()), err::toString);

    String html = Files.readString(page);
    assertTrue(html.contains("default-src 'none'"), html);
    assertFalse(html.matches("(?s).*(https?:|src=\"|href=\"|@import|url\\().*"), html);
    assertTrue(html.length() < 16_000, "characters=" + html.length());
  }

  @Test
  void shouldRefuseMoreThanLearnedPositions() throws IOException {
    String model = SampleModel.write(folder.resolve("model"), SampleModel.gpt2()).toString();

    assertEquals(
        ExitCode.FAILURE,
        attention("-m", model, "-t", "abcdefghi", "-o", folder.resolve("page").toString()));
    assertEquals(
        "error: A text has at least one token, and no more than a model has learned positions for:"
            + " model="
            + model
            + ", tokens=9, context=8\n",
        err.toString());
  }

  @Test
  void shouldRefuseATextTooLongForAPage() throws IOException {
    String model = SampleModel.write(folder.resolve("alibi"), SampleModel.alibi()).toString();

    assertEquals(
        ExitCode.FAILURE,
        attention("-m", model, "-t", "a".repeat(1025), "-o", folder.resolve("page").toString()));
    assertEquals(
        "error: The page would be too large for a browser; give a shorter text: tokens=1025, most"
            + " for this model=1024, layers=2, heads=2\n",
        err.toString());
  }

  @Test
  void shouldCheckThePagesPlaceFirst() {
    assertEquals(ExitCode.FAILURE, attention("-m", "none", "-t", "a", "-o", folder.toString()));
    assertEquals(
        "error: Not a file in a folder that can be written to; make the folder, or name another:"
            + " --output="
            + folder
            + "\n",
        err.toString());
  }

  private static JsonNode data(String html) throws IOException {
    Matcher matcher = DATA.matcher(html);
    assertTrue(matcher.find(), html);
    return new ObjectMapper().readTree(matcher.group(1));
  }

  private int attention(String... arguments) {
    return Commands.create(new Attention(), new PrintWriter(out), new PrintWriter(err))
        .execute(arguments);
  }
}
