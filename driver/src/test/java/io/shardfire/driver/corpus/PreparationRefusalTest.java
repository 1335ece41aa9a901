package io.shardfire.driver.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.worker.data.TokenSplit;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** What is wrong with the input or in the way of the output. */
class PreparationRefusalTest extends AbstractPreparationTest {
  @Test
  void shouldNameTheFirstBadByteOfTheCorpus() throws IOException {
    write("a.txt", String.join("\n", lines(50, 1)));
    Files.write(input.resolve("b.txt"), "good\ncafé\n".getBytes(ISO_8859_1));
    Files.write(input.resolve("c.txt"), "naïve\n".getBytes(ISO_8859_1));

    assertFails(
        "Not UTF-8: file=file:%s/b.txt line=2 offset=8 bytes=E9. Convert the file",
        settings().bytesPerTask(100));
  }

  @Test
  void shouldSayWhatIsWrongWithTheInput() throws IOException {
    assertFails("Empty corpus: input=[%s] files=0.", settings());
    write("a.txt", "");
    assertFails("Empty corpus: input=[%s] bytes=0.", settings());
    write("a.txt", " \n\t\n");
    assertFails("Empty corpus: input=[%s] documents=0 (all text is blank).", settings());
    write("a.txt", "abc");
    assertFails(
        "No text is left for the validation split: documents=1 validationFraction=1.0E-4"
            + " split=hashed. Give more documents",
        settings().tokenizer(TokenizerKind.CHAR).validationFraction(1e-4));
    assertFails(
        "Corpus too small for the vocabulary: vocabularySize=1000 reachable=259.",
        settings().vocabularySize(1000).validationFraction(0));
  }

  @Test
  void shouldNotReplaceAnOutputUnasked() throws IOException {
    write("a.txt", "abc\n");
    PrepareConfigurationBuilder settings =
        settings().tokenizer(TokenizerKind.CHAR).validationFraction(0);
    run(settings);

    assertFails("Output exists: output=file:" + output + ". Choose another folder", settings);

    write("a.txt", "xyz\n");
    run(settings.overwrite(true));
    assertEquals("xyz\n", decoded(TokenSplit.TRAIN));
  }

  @Test
  void shouldKeepTheOldOutputWhenTheNewOneFails() throws IOException {
    write("a.txt", "abc\n");
    PrepareConfigurationBuilder settings =
        settings().tokenizer(TokenizerKind.CHAR).validationFraction(0).overwrite(true);
    run(settings);
    Files.write(input.resolve("a.txt"), new byte[] {'a', (byte) 0xFF});

    assertFails("Not UTF-8: file=file:%s/a.txt line=1 offset=1 bytes=FF.", settings);

    assertEquals("abc\n", decoded(TokenSplit.TRAIN));
  }

  @Test
  void shouldNotOverwriteWhatIsNoCorpus() throws IOException {
    write("a.txt", "abc\n");
    Files.createDirectories(output);
    Files.writeString(output.resolve("thesis.txt"), "x");

    assertFails(
        "Output is not a prepared corpus and is not overwritten: output=file:" + output,
        settings().overwrite(true));
  }

  @Test
  void shouldNotReplaceItsOwnInput() throws IOException {
    write("a.txt", "abc\n");
    write("index.json", "{}");
    output = input;

    assertFails(
        "Input lies in the output folder: file=file:%1$s/a.txt output=file:%1$s.",
        settings().overwrite(true));
  }

  @Test
  void shouldNameAnOutputThatCannotBeWritten() throws IOException {
    write("a.txt", "abc\n");
    Files.writeString(folder.resolve("out"), "a file where a folder is wanted");

    assertFails("Cannot write output: output=" + output + " reason=", settings());
  }
}
