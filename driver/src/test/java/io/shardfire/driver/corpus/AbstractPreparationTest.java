package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Texts in a folder, what is prepared of them in another, and a look at it. */
abstract class AbstractPreparationTest extends AbstractSparkTest {
  private static final String[] WORDS = {
    "the", "cat", "Katze", "größer", "naïve", "don't", "42", "🙂", "日本語", "of", "and", "running"
  };

  @TempDir Path folder;
  Path input;
  Path output;

  @BeforeEach
  void makeFolders() throws IOException {
    input = Files.createDirectory(folder.resolve("in"));
    output = folder.resolve("out/corpus");
  }

  PrepareConfigurationBuilder settings() {
    return PrepareConfiguration.builder(List.of(input.toString()), output.toString());
  }

  PrepareReport run(PrepareConfigurationBuilder settings) throws IOException {
    PrepareReport report =
        CorpusPreparation.run(session(), settings.build(), PrepareListener.silent());
    assertNoTraces();
    try (TokenDataset data = open()) {
      assertEquals(report.trainTokens(), data.tokens(TokenSplit.TRAIN));
      assertEquals(report.validationTokens(), data.tokens(TokenSplit.VALIDATION));
      assertEquals(report.vocabularyHash(), data.vocabularyHash());
    }
    return report;
  }

  /** The message of the refusal, which begins as expected. */
  String assertFails(String expected, PrepareConfigurationBuilder settings) throws IOException {
    PrepareConfiguration built = settings.build();
    CorpusException e =
        assertThrows(
            CorpusException.class,
            () -> CorpusPreparation.run(session(), built, PrepareListener.silent()));
    String start = expected.formatted(input);
    assertTrue(e.getMessage().startsWith(start), e.getMessage());
    assertNoTraces();
    return e.getMessage();
  }

  /** No temporary files and no side files, but those of tables that Spark wrote for the test. */
  private void assertNoTraces() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      assertEquals(
          List.of(),
          tree.filter(path -> !path.startsWith(input))
              .filter(path -> path.getFileName().toString().startsWith("."))
              .toList());
    }
  }

  TokenDataset open() {
    return TokenDataset.open(new Configuration(), new org.apache.hadoop.fs.Path(output.toUri()));
  }

  int[] ids(TokenSplit split) {
    try (TokenDataset data = open()) {
      float[] values = new float[Math.toIntExact(data.tokens(split))];
      data.read(split, 0, values, 0, values.length);
      int[] ids = new int[values.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = (int) values[i];
      }
      return ids;
    }
  }

  String decoded(TokenSplit split) throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      return tokenizer.decode(ids(split));
    }
  }

  Tokenizer tokenizer() throws IOException {
    return Tokenizer.fromJson(Files.readString(output.resolve("tokenizer.json")));
  }

  static List<String> lines(int count, long seed) {
    Random random = new Random(seed);
    List<String> lines = new ArrayList<>();
    for (int line = 0; line < count; line++) {
      StringBuilder text = new StringBuilder("Line ").append(line);
      int words = 1 + random.nextInt(12);
      for (int word = 0; word < words; word++) {
        text.append(' ').append(WORDS[random.nextInt(WORDS.length)]);
      }
      lines.add(text.toString());
    }
    return lines;
  }

  void write(String name, String text) throws IOException {
    Files.writeString(input.resolve(name), text);
  }
}
