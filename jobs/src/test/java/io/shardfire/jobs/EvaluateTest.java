package io.shardfire.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.worker.data.CorpusContent;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EvaluateTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private String learned;
  private String alibi;
  private String corpus;

  @BeforeEach
  void writeModels() throws IOException {
    learned = SampleModel.write(folder.resolve("learned"), SampleModel.gpt2()).toString();
    alibi = SampleModel.write(folder.resolve("alibi"), SampleModel.alibi()).toString();
    corpus = SampleModel.writeCorpus(folder.resolve("corpus"), 40).toString();
  }

  @Test
  void shouldCompareModelsOnTheSameTokens() {
    assertEquals(
        ExitCode.OK,
        evaluate("-m", learned, "-m", alibi, "-d", corpus, "--context", "T,2T"),
        err::toString);

    // The last norm of these models makes all logits 0: every letter costs log2(11) bits, and of
    // equals the first, an a, is taken for the likeliest: 2 of 32 are one.
    String numbers = "   2.3979      11.000    3.4594    6.25%%\n";
    String name = "%-" + learned.length() + "s";
    String expected =
        """
        %s, validation split: 32 of 40 tokens

        NAME  positions  trained context      loss  perplexity bits/byte accuracy
        NAME  learned          8       8 NUMBERSNAME  alibi            8       8 NUMBERSNAME  alibi            8      16 NUMBERSNAME  learned          8      16   learned positions end at 8

        Loss by position in the window
        NAME  context        0-1       2-3       4-7
        NAME        8     2.3979    2.3979    2.3979
        NAME  context        0-1       2-3       4-7      8-15
        NAME        8     2.3979    2.3979    2.3979
        NAME       16     2.3979    2.3979    2.3979    2.3979
        """
            .replace("NUMBERS", numbers)
            .replace("NAME", name);
    assertEquals(
        String.format(
            Locale.ROOT,
            expected,
            corpus,
            "model",
            learned,
            alibi,
            alibi,
            learned,
            "model",
            learned,
            "model",
            alibi,
            alibi),
        out.toString());
  }

  @Test
  void shouldWriteTheNumbersAndThePicture() throws IOException {
    Path json = folder.resolve("lengths.json");
    Path plot = folder.resolve("lengths.svg");

    assertEquals(
        ExitCode.OK,
        evaluate(
            "-m",
            alibi,
            "-d",
            corpus,
            "--context",
            "2T,5",
            "--windows",
            "1",
            "--json",
            json.toString(),
            "--plot",
            plot.toString()),
        err::toString);

    JsonNode rows = new ObjectMapper().readTree(Files.readString(json));
    assertEquals(2, rows.size());
    assertEquals(5, rows.get(0).get("context").asInt());
    assertEquals(15, rows.get(0).get("tokens").asInt());
    assertEquals(StrictMath.log(11), rows.get(1).get("loss").asDouble(), 1e-6);
    assertTrue(Files.readString(plot).startsWith("<svg xmlns="));
  }

  @Test
  void shouldCompareFormatsOfWeights() throws IOException {
    Path json = folder.resolve("weights.json");

    assertEquals(
        ExitCode.OK,
        evaluate(
            "-m", alibi, "-d", corpus, "--weights", "fp32,int8,int4", "--json", json.toString()),
        err::toString);

    JsonNode rows = new ObjectMapper().readTree(Files.readString(json));
    assertEquals(3, rows.size());
    assertEquals(alibi + " fp32", rows.get(0).get("model").asText());
    assertEquals(alibi + " int8", rows.get(1).get("model").asText());
    assertEquals(alibi + " int4", rows.get(2).get("model").asText());
    for (JsonNode row : rows) {
      assertEquals(StrictMath.log(11), row.get("loss").asDouble(), 1e-6);
    }
  }

  @Test
  void shouldRefuseWhatIsNoContext() {
    assertEquals(ExitCode.FAILURE, evaluate("-m", learned, "-d", corpus, "--context", "8,x"));
    assertError(
        "--context takes numbers of tokens from 1 on, or T, 2T, 4T for multiples of the trained"
            + " context: --context=x\n");
  }

  @Test
  void shouldSayWhenNoModelReachesAsFar() {
    assertEquals(ExitCode.FAILURE, evaluate("-m", learned, "-d", corpus, "--context", "4T"));
    assertError(
        "No model has positions as far as that; learned ones end at the trained context:"
            + " --context=4T, models="
            + learned
            + "\n");
  }

  @Test
  void shouldRefuseASplitThatIsTooShort() {
    assertEquals(ExitCode.FAILURE, evaluate("-m", learned, "-d", corpus, "--split", "train"));
    assertError(
        "The split is shorter than the longest context and the token after it; evaluate at a"
            + " shorter context, or prepare a larger split: split=train, tokens=0, context=8\n");
  }

  @Test
  void shouldNameWhatIsNotThere() {
    assertEquals(ExitCode.FAILURE, evaluate("-m", corpus + "/none", "-d", corpus));
    assertTrue(err.toString().startsWith("error: No such model folder; "), err.toString());
    assertEquals(ExitCode.FAILURE, evaluate("-m", learned, "-d", learned));
    assertTrue(err.toString().contains("error: Not a prepared corpus: folder="), err.toString());
  }

  @Test
  void shouldCheckOutputsBeforeItEvaluates() {
    Path nowhere = folder.resolve("none/lengths.svg");
    assertEquals(
        ExitCode.FAILURE, evaluate("-m", learned, "-d", corpus, "--plot", nowhere.toString()));
    assertError(
        "Not a file in a folder that can be written to; make the folder, or name another: --plot="
            + nowhere
            + "\n");
    assertEquals("", out.toString());
  }

  @Test
  void shouldEvaluateEncodersOnHiddenTokens() throws IOException {
    String encoder = writeEncoder();
    String texts = writeMaskingCorpus();
    Path json = folder.resolve("masked.json");

    assertEquals(
        ExitCode.OK,
        evaluate("-m", encoder, "-d", texts, "--json", json.toString()),
        err::toString);

    // Six letters of 100 in a sequence, one of which is hidden. All eleven tokens are as likely, so
    // the first, an a, is taken: 1 of the 16 hidden is one, 5 are the same letter.
    String expected =
        """
        %s, validation split: hidden tokens (share=0.15) of sequences spread over 100 tokens

        NAME  positions  context sequences   hidden      loss  perplexity accuracy  unigram
        NAME  learned          8        16       16    2.3979      11.000    6.25%%   31.25%%
        """
            .replace("NAME", "%-" + encoder.length() + "s");
    assertEquals(String.format(Locale.ROOT, expected, texts, "model", encoder), out.toString());
    JsonNode row = new ObjectMapper().readTree(Files.readString(json)).get(0);
    assertEquals(16, row.get("hidden").asInt());
    assertEquals(StrictMath.log(11), row.get("loss").asDouble(), 1e-6);
    assertEquals(0.15, row.get("maskedShare").asDouble(), 1e-6);
  }

  @Test
  void shouldHideWhatIsAskedFor() throws IOException {
    assertEquals(
        ExitCode.OK,
        evaluate(
            "-m",
            writeEncoder(),
            "-d",
            writeMaskingCorpus(),
            "--masked-share",
            "0.5",
            "--whole-words=false"),
        err::toString);

    // Three of six letters in each of 16 sequences.
    assertTrue(out.toString().contains("hidden tokens (share=0.5) of"), out.toString());
    assertTrue(out.toString().contains("        16       48    2.3979"), out.toString());
  }

  @Test
  void shouldRefuseMasksOfDecoders() throws IOException {
    assertEquals(ExitCode.FAILURE, evaluate("-m", learned, "-d", corpus, "--masked-share", "0.5"));
    assertError("Only encoders are evaluated on hidden tokens; leave --masked-share out\n");
  }

  @Test
  void shouldRefuseForEncodersWhatTheyHaveNot() throws IOException {
    String encoder = writeEncoder();
    String texts = writeMaskingCorpus();

    assertEquals(ExitCode.FAILURE, evaluate("-m", encoder, "-d", texts, "--context", "T,2T"));
    assertError(
        "Encoders are evaluated at the context that they were trained at; leave --context out:"
            + " --context=T,2T\n");
    err.getBuffer().setLength(0);
    String plot = folder.resolve("lengths.svg").toString();
    assertEquals(ExitCode.FAILURE, evaluate("-m", encoder, "-d", texts, "--plot", plot));
    assertError(
        "Encoders have no loss by position that could be drawn; leave --plot out: --plot="
            + plot
            + "\n");
    err.getBuffer().setLength(0);
    assertEquals(ExitCode.FAILURE, evaluate("-m", encoder, "-m", learned, "-d", texts));
    assertError(
        "Hidden tokens are predicted by encoders only; evaluate other models by themselves: model="
            + learned
            + ", kind=DECODER\n");
  }

  @Test
  void shouldRefuseForEncoderDecodersWhatTheyHaveNot() throws IOException {
    String model =
        SampleModel.write(
                folder.resolve("encoder-decoder"),
                SampleModel.encoderDecoder(),
                SampleModel.pairTokenizer())
            .toString();
    String texts =
        SampleModel.writeCorpus(
                folder.resolve("texts"),
                SampleModel.pairTokenizer(),
                SampleModel.LETTERS,
                CorpusContent.TEXT,
                40)
            .toString();

    assertEquals(ExitCode.FAILURE, evaluate("-m", model, "-d", texts));
    assertError(
        "The corpus holds no pairs of a source and a target, which an encoder-decoder is evaluated"
            + " on; prepare some with --documents pairs: content=text\n");
    err.getBuffer().setLength(0);
    assertEquals(ExitCode.FAILURE, evaluate("-m", model, "-d", texts, "--context", "2T"));
    assertError(
        "Encoder-decoders are evaluated at the context that they were trained at; leave --context"
            + " out: --context=2T\n");
  }

  @Test
  void shouldRefuseToReadPairsAsText() throws IOException {
    String pairs =
        SampleModel.writeCorpus(
                folder.resolve("pairs"),
                SampleModel.tokenizer(),
                SampleModel.LETTERS,
                CorpusContent.PAIRS,
                40)
            .toString();

    assertEquals(ExitCode.FAILURE, evaluate("-m", learned, "-d", pairs));
    assertError(
        "The corpus holds pairs of a source and a target, and a decoder reads plain texts; prepare"
            + " the texts with another --documents: content=pairs\n");
  }

  private String writeEncoder() throws IOException {
    return SampleModel.write(
            folder.resolve("encoder"), SampleModel.encoder(), SampleModel.maskingTokenizer())
        .toString();
  }

  private String writeMaskingCorpus() throws IOException {
    return SampleModel.writeCorpus(
            folder.resolve("texts"),
            SampleModel.maskingTokenizer(),
            SampleModel.MASKED_LETTERS,
            CorpusContent.TEXT,
            100)
        .toString();
  }

  private void assertError(String message) {
    assertEquals("error: " + message, err.toString());
    assertFalse(err.toString().contains("\tat "), err.toString());
  }

  private int evaluate(String... arguments) {
    return Commands.create(new Evaluate(), new PrintWriter(out), new PrintWriter(err))
        .execute(arguments);
  }
}
