package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.checkpoint.PlainFiles;
import io.shardfire.worker.data.TokenSplit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardFilesTest {
  private static final ShardFormat FORMAT = new ShardFormat(10, "ab".repeat(32), 4);

  @TempDir private Path folder;

  @Test
  void shouldBeginAShardAfterTheDocumentThatFillsOne() throws IOException {
    ShardFiles shards = shards();
    shards.append(TokenSplit.TRAIN, new int[] {1, 2, 3});
    shards.append(TokenSplit.VALIDATION, new int[] {9});
    shards.append(TokenSplit.TRAIN, new int[] {4, 5});
    shards.append(TokenSplit.TRAIN, new int[] {6});

    List<ShardFile> files = shards.finish();

    assertEquals(
        List.of(
            "attempt-00000 TRAIN 5 2", "attempt-00002 TRAIN 1 1", "attempt-00001 VALIDATION 1 1"),
        files.stream()
            .map(f -> f.name() + " " + f.split() + " " + f.tokens() + " " + f.documents())
            .toList());
    for (ShardFile file : files) {
      assertEquals(Files.size(folder.resolve(file.name())), file.bytes());
    }
  }

  @Test
  void shouldWriteNothingForASplitWithoutText() {
    ShardFiles shards = shards();
    shards.append(TokenSplit.TRAIN, new int[] {1});

    assertEquals(1, shards.finish().size());
  }

  @Test
  void shouldNotBringBackAFolderThatIsGone() throws IOException {
    ShardFiles shards = shards();
    Files.delete(folder);

    String message =
        assertThrows(CorpusException.class, () -> shards.append(TokenSplit.TRAIN, new int[] {1}))
            .getMessage();

    assertTrue(message.startsWith("Cannot write output: output=file:" + folder), message);
    assertFalse(Files.exists(folder));
  }

  private ShardFiles shards() {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(folder.toUri());
    return new ShardFiles(
        PlainFiles.fileSystem(new Configuration(), path), path, "attempt", FORMAT);
  }
}
