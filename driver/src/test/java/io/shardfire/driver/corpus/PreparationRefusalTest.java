package io.shardfire.driver.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.worker.data.TokenSplit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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
    assertFails("Empty corpus: input=[%1$s] files=0 skipped=[file:%1$s/a.txt: empty].", settings());
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

  /** Each would be tried four times if it were an exception of a task, with as many traces. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"PAIRS", "JSON_PAIRS"})
  void shouldNotTryADamagedFileAgain(DocumentMode mode) throws IOException, TimeoutException {
    String separator = mode == DocumentMode.JSON_LINES ? "\"}\n{\"text\":\"" : "\n\n";
    byte[] whole = zipped("{\"text\":\"" + String.join(separator, lines(500, 1)) + "\"}");
    Files.write(input.resolve("a.txt.gz"), Arrays.copyOf(whole, whole.length / 2));

    assertFailsAtOnce(
        "Damaged compressed file: file=file:%s/a.txt.gz reason=Unexpected end of input stream. Copy"
            + " it again from where it is whole, or leave it out",
        settings().documents(mode));
  }

  @Test
  void shouldNotTryTextAgainThatTheTokenizerLacks() throws IOException, TimeoutException {
    write("a.txt", "abc\n");
    run(settings().tokenizer(TokenizerKind.CHAR).validationFraction(0));
    String tokenizer = output.resolve("tokenizer.json").toString();
    output = folder.resolve("other");
    write("a.txt", "abd\n");

    assertFailsAtOnce(
        "Cannot tokenize: file=file:%s/a.txt document-offset=0 reason=The vocabulary lacks a"
            + " character of the text: character=U+0064 'd', position=2",
        settings().tokenizerPath(tokenizer).appendEndOfText(false));
  }

  @Test
  void shouldNotTryAFullDiskAgain() throws IOException, TimeoutException {
    write("a.txt", "abc\n");
    Configuration hadoop = session().sparkContext().hadoopConfiguration();
    hadoop.set("fs.full.impl", FullFileSystem.class.getName());
    String full = "full://" + output;

    assertFailsAtOnce(
        "Cannot write output: output=full:%s/.corpus.preparing-".formatted(output.getParent()),
        PrepareConfiguration.builder(List.of(input.toString()), full)
            .tokenizer(TokenizerKind.CHAR)
            .validationFraction(0));
  }

  /** A disk on which folders and files can be made, and nothing written to them. */
  public static final class FullFileSystem extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("full:///");
    }

    @Override
    public FSDataOutputStream createNonRecursive(
        Path path,
        FsPermission permission,
        EnumSet<CreateFlag> flags,
        int bufferSize,
        short replication,
        long blockSize,
        Progressable progress)
        throws IOException {
      return super.create(
          new Path("/dev/full"), true, bufferSize, replication, blockSize, progress);
    }
  }

  private void assertFailsAtOnce(String expected, PrepareConfigurationBuilder settings)
      throws IOException, TimeoutException {
    AtomicInteger failed = new AtomicInteger();
    SparkListener listener =
        new SparkListener() {
          @Override
          public void onTaskEnd(SparkListenerTaskEnd end) {
            failed.addAndGet(end.taskInfo().successful() ? 0 : 1);
          }
        };
    session().sparkContext().addSparkListener(listener);
    try {
      assertFails(expected, settings);
      session().sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      session().sparkContext().removeSparkListener(listener);
    }
    assertEquals(0, failed.get());
  }

  private static byte[] zipped(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
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
