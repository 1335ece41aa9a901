package io.shardfire.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.session.SampleCheckpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InspectTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void shouldShowACopyByItsManifest() throws IOException {
    SampleCheckpoint.write(folder.resolve("step-20"), 1020);

    assertEquals(ExitCode.OK, inspect(folder.resolve("step-20")));

    String text = out.toString();
    assertTrue(
        text.startsWith(
            "checkpoint  " + folder.resolve("step-20") + "\nstep        1,020\nparameters  0\n"),
        text);
    assertTrue(text.endsWith("\nEvery file has the size and the hash of the manifest.\n"), text);
  }

  @Test
  void shouldShowTheNewestStepOfARun() throws IOException {
    SampleCheckpoint.write(folder.resolve("step-00000010"), 10);
    SampleCheckpoint.write(folder.resolve("step-00000020"), 20);

    assertEquals(ExitCode.OK, inspect(folder));

    assertTrue(out.toString().contains("\nstep        20\nrun's steps 10, 20\n"), out.toString());
  }

  @Test
  void shouldNameTheDamageOfACopy() throws IOException {
    Path copy = folder.resolve("best");
    SampleCheckpoint.write(copy, 20);
    Files.writeString(copy.resolve("config.json"), "{ \"n_layer\": 2 }");

    assertEquals(ExitCode.FAILURE, inspect(copy));

    String text = out.toString();
    assertTrue(
        text.contains("\nDAMAGED\n  file=" + copy.resolve("config.json") + ", expected sha256="),
        text);
    assertEquals("error: the checkpoint is damaged: problems=1\n", err.toString());
  }

  @Test
  void shouldShowWhereACorpusCameFrom() throws IOException {
    Path corpus = SampleModel.writeCorpus(folder.resolve("corpus"), 100);
    String overview =
        """
        corpus      %s
        source      made up
        tokenizer   char, 11 tokens
        train       0 tokens, 0 documents
        validation  100 tokens, 1 documents
        """
            .formatted(corpus);
    assertEquals(ExitCode.OK, inspect(corpus), err::toString);
    assertEquals(overview, out.toString());

    Files.writeString(
        corpus.resolve("provenance.json"), "{\"settings\": {\"prepare.seed\": \"1\"}}");
    assertEquals(ExitCode.OK, inspect(corpus), err::toString);
    assertTrue(out.toString().contains("\"prepare.seed\" : \"1\""), out.toString());
  }

  @Test
  void shouldShowAHuggingFaceFolder() throws IOException {
    Path model = SampleModel.write(folder.resolve("gpt2"), SampleModel.gpt2());

    assertEquals(ExitCode.OK, inspect(model), err::toString);

    String text = out.toString();
    String expected =
        """
        model        %s
        architecture GPT-2, layers=1, heads=1, width=8, context=8, vocabulary=11
        parameters   1,040

        """;
    assertTrue(text.startsWith(expected.formatted(model)), text);
    assertTrue(
        text.matches("(?s).*\\ntransformer.wte.weight +F32 +11 x 8 +3.3166 +1.0000 .*"), text);
    assertTrue(text.contains("\nconfig.json\n  {\n    \"architectures\""), text);
    assertTrue(text.endsWith("\nThe tensors are those of config.json.\n"), text);
  }

  @Test
  void shouldShowAModelThatCannotBeUsed() throws IOException {
    Path model = SampleModel.write(folder.resolve("gpt2"), SampleModel.gpt2());
    Path configuration = model.resolve("config.json");
    Files.writeString(
        configuration, Files.readString(configuration).replace("\"gpt2\"", "\"bloom\""));

    assertEquals(ExitCode.FAILURE, inspect(model));

    String text = out.toString();
    assertTrue(text.contains("\nNOT USABLE\n  config.json describes a model that is not"), text);
    assertTrue(text.contains("\ntransformer.wte.weight "), text);
    assertEquals("error: the model cannot be used: problems=1\n", err.toString());
  }

  @Test
  void shouldSayWhatAFolderWithoutWeightsLacks() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");

    assertEquals(ExitCode.FAILURE, inspect(folder));

    assertTrue(err.toString().startsWith("error: Not a model folder: folder="), err.toString());
    assertFalse(err.toString().contains("\tat "), err.toString());
  }

  private int inspect(Path path) {
    return Commands.create(new Inspect(), new PrintWriter(out), new PrintWriter(err))
        .execute(path.toString());
  }
}
