package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.data.TokenSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {
  private final Configuration configuration = new Configuration();
  @TempDir private Path folder;

  @Test
  void shouldAppearWhenItIsCommitted() throws IOException {
    try (OutputFolder output = create("a/corpus", false)) {
      output.write("index.json", "{}");
      assertEquals(List.of(), visible(folder.resolve("a")));
      output.commit();
    }

    assertEquals(List.of("index.json"), visible(folder.resolve("a/corpus")));
    assertEquals(1, count(folder.resolve("a")));
  }

  @Test
  void shouldVanishWhenItIsNot() throws IOException {
    try (OutputFolder output = create("corpus", false)) {
      output.write("index.json", "{}");
      assertEquals(1, count(folder));
    }

    assertEquals(0, count(folder));
  }

  @Test
  void shouldNotReplaceWhatAppearedMeanwhile() throws IOException {
    try (OutputFolder output = create("corpus", false)) {
      output.write("index.json", "new");
      Path theirs = Files.createDirectory(folder.resolve("corpus")).resolve("index.json");
      Files.writeString(theirs, "theirs");

      assertTrue(
          assertThrows(CorpusException.class, output::commit)
              .getMessage()
              .startsWith("Output exists: output=file:" + folder + "/corpus."));
      assertEquals("theirs", Files.readString(theirs));
    }
    assertEquals(1, count(folder));
  }

  @Test
  void shouldReplaceACorpusWhole() throws IOException {
    Path old = Files.createDirectory(folder.resolve("corpus"));
    Files.writeString(old.resolve("index.json"), "old");
    Files.writeString(old.resolve("train-00009.tokens"), "old");
    try (OutputFolder output = create("corpus", true)) {
      output.write("index.json", "new");
      output.commit();
    }

    assertEquals(List.of("index.json"), visible(old));
    assertEquals("new", Files.readString(old.resolve("index.json")));
    assertEquals(1, count(folder));
  }

  @Test
  void shouldSayWhenExecutorsWroteElsewhere() {
    try (OutputFolder output = create("corpus", false)) {
      ShardFile shard = new ShardFile("part-00000", TokenSplit.TRAIN, 1, 1, 1);
      String message =
          assertThrows(
                  CorpusException.class, () -> output.adopt(shard.name(), "train-00000.tokens"))
              .getMessage();

      assertTrue(
          message.endsWith(
              "/part-00000. Choose an output on a file system that all executors share"),
          message);
    }
  }

  @Test
  void shouldRefuseARootFolder() {
    assertEquals(
        "Output is a root folder: output=file:/. Give a folder below it",
        assertThrows(
                CorpusException.class, () -> OutputFolder.create("/", true, configuration).close())
            .getMessage());
  }

  private OutputFolder create(String name, boolean overwrite) {
    return OutputFolder.create(folder.resolve(name).toString(), overwrite, configuration);
  }

  private static List<String> visible(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    }
  }

  private static long count(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.count();
    }
  }
}
