package io.shardfire.worker.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenIndexTest {
  private static final String HASH = "0123456789abcdef".repeat(4);
  private static final TokenIndex INDEX =
      new TokenIndex(
          2,
          "char",
          65,
          HASH,
          "text",
          CorpusContent.TEXT,
          List.of(new TokenIndex.Shard("train-00000.tokens", TokenSplit.TRAIN, 10, 2, 116)));

  @TempDir Path folder;
  private final Configuration configuration = new Configuration(false);
  private org.apache.hadoop.fs.Path path;

  @BeforeEach
  void locate() {
    path = new org.apache.hadoop.fs.Path(folder.toUri());
  }

  @Test
  void shouldReadWhatItWroteAndLeaveNothingElse() throws IOException {
    INDEX.write(configuration, path);
    INDEX.write(configuration, path);
    assertEquals(INDEX, TokenIndex.read(configuration, path));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(folder.resolve("index.json")), files.toList());
    }
  }

  @Test
  void shouldReadTheFirstVersionWithoutDocuments() throws IOException {
    INDEX.write(configuration, path);
    String text = Files.readString(folder.resolve("index.json"));
    Files.writeString(
        folder.resolve("index.json"),
        text.replace("\"formatVersion\" : 2", "\"formatVersion\" : 1")
            .replaceFirst("\"content\" : \"TEXT\",\\s*", ""));

    TokenIndex old = TokenIndex.read(configuration, path);

    assertFalse(old.hasDocuments());
    assertEquals(CorpusContent.TEXT, old.content());
    assertEquals(INDEX.shards(), old.shards());
    assertTrue(INDEX.hasDocuments());
    assertEquals(2, INDEX.documents(TokenSplit.TRAIN));
  }

  @Test
  void shouldSayThatAFolderIsNoCorpus() {
    DataException e = assertThrows(DataException.class, () -> TokenIndex.read(configuration, path));
    assertTrue(e.getMessage().startsWith("Not a prepared corpus: folder=" + path), e.getMessage());
  }

  @Test
  void shouldNameWhatIsDamaged() throws IOException {
    INDEX.write(configuration, path);
    String text = Files.readString(folder.resolve("index.json"));
    assertDamaged(
        "expected=1 or 2, actual=3",
        text.replace("\"formatVersion\" : 2", "\"formatVersion\" : 3"));
    assertDamaged("PEARS", text.replace("\"TEXT\"", "\"PEARS\""));
    assertDamaged("expected bytes=116, actual bytes=117", text.replace("116", "117"));
    assertDamaged("file=../x", text.replace("train-00000.tokens", "../x"));
    assertDamaged("TRIAN", text.replace("TRAIN", "TRIAN"));
    assertDamaged("vocabularyHash=z", text.replace(HASH, "z"));
    assertDamaged("source", text.replace("\"source\" : \"text\",", ""));
    assertDamaged("surprise", text.replace("\"source\"", "\"surprise\" : 1, \"source\""));
    assertDamaged("tokens=-10", text.replace("\"tokens\" : 10", "\"tokens\" : -10"));
    assertDamaged("end-of-input", text.substring(0, 50));
  }

  private void assertDamaged(String expected, String text) throws IOException {
    Files.writeString(folder.resolve("index.json"), text);
    DataException e = assertThrows(DataException.class, () -> TokenIndex.read(configuration, path));
    assertTrue(e.getMessage().startsWith("Token index is damaged: file=" + path), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }
}
