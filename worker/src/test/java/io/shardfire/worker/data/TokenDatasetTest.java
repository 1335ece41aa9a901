package io.shardfire.worker.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenDatasetTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"file", "heap"})
  void shouldReadAnyRangeAcrossShards(String scheme) {
    SampleCorpus.write(folder, 101);
    try (TokenDataset dataset = open(scheme)) {
      assertEquals(SampleCorpus.TRAIN_TOTAL, dataset.tokens(TokenSplit.TRAIN));
      assertEquals(SampleCorpus.VALIDATION_TOKENS, dataset.tokens(TokenSplit.VALIDATION));
      for (TokenSplit split : TokenSplit.values()) {
        int total = (int) dataset.tokens(split);
        for (int from = 0; from <= total; from++) {
          for (int length = 0; length <= total - from; length++) {
            assertReads(dataset, split, from, length);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "heap"})
  void shouldReadIdsBeyondSixteenBits(String scheme) {
    SampleCorpus.write(folder, 70_001);
    try (TokenDataset dataset = open(scheme)) {
      assertEquals(70_000, SampleCorpus.token(TokenSplit.TRAIN, 0, 70_001));
      assertReads(dataset, TokenSplit.TRAIN, 0, SampleCorpus.TRAIN_TOTAL);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "heap"})
  void shouldReadFromManyThreadsAlike(String scheme) {
    SampleCorpus.write(folder, 65_536);
    try (TokenDataset dataset = open(scheme)) {
      IntStream.range(0, 2000)
          .parallel()
          .forEach(i -> assertReads(dataset, TokenSplit.TRAIN, i % 17, i % 5));
    }
  }

  @Test
  void shouldRejectPositionsOutside() {
    SampleCorpus.write(folder, 101);
    try (TokenDataset dataset = open("file")) {
      float[] destination = new float[30];
      for (long from : new long[] {-1, 20, Long.MAX_VALUE}) {
        IllegalArgumentException e =
            assertThrows(
                IllegalArgumentException.class,
                () -> dataset.read(TokenSplit.TRAIN, from, destination, 0, 2));
        assertTrue(
            e.getMessage().contains("split=TRAIN, from=" + from + ", length=2, tokens=21"),
            e.getMessage());
      }
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> dataset.read(TokenSplit.TRAIN, 0, destination, 29, 2));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "heap"})
  void shouldNameDamagedShards(String scheme) throws IOException {
    SampleCorpus.write(folder, 101);
    Path shard = folder.resolve("train-3");
    byte[] good = Files.readAllBytes(shard);
    assertEquals(64 + 26 + 32, good.length);
    assertDamaged(scheme, "field=magic, expected=SHFTOKEN, actual=XHFTOKEN", flip(good, 0, 'X'));
    assertDamaged(scheme, "field=format version, expected=1, actual=9", flip(good, 8, 9));
    assertDamaged(scheme, "field=id width, expected=2, actual=4", flip(good, 12, 4));
    assertDamaged(scheme, "field=vocabulary size, expected=101, actual=102", flip(good, 16, 102));
    assertDamaged(scheme, "field=vocabulary hash, expected=", flip(good, 32, good[32] ^ 1));
    assertDamaged(scheme, "field=CRC32C, expected=", flip(good, 64, good[64] ^ 1));
    assertDamaged(scheme, "field=CRC32C, expected=", flip(good, 20, 1));
    assertDamaged(scheme, "field=token count, expected=13, actual=12", flip(good, 90, 12));
    assertDamaged(scheme, "field=document count, expected=4, actual=3", flip(good, 98, 3));
    assertDamaged(scheme, "field=end mark", flip(good, 115, 'x'));
    assertDamaged(scheme, "field=file size, expected=122, actual=121", Arrays.copyOf(good, 121));
    assertDamaged(scheme, "field=file size, expected=122, actual=0", new byte[0]);
    Files.delete(shard);
    DataException e = assertThrows(DataException.class, () -> open(scheme));
    assertTrue(e.getMessage().startsWith("Token shard is missing: file="), e.getMessage());
    assertTrue(e.getMessage().contains("train-3"), e.getMessage());
  }

  @Test
  void shouldRejectAnotherTokenizer() throws IOException {
    TokenIndex index = SampleCorpus.write(folder, 101);
    try (TokenDataset dataset = open("file");
        Tokenizer same = Tokenizer.fromJson(dataset.tokenizerJson());
        Tokenizer other = Tokenizer.fromJson(SampleCorpus.tokenizerJson(100))) {
      assertEquals(same.vocabularyHash(), dataset.vocabularyHash());
      Files.writeString(folder.resolve("tokenizer.json"), other.json(), StandardCharsets.UTF_8);
      DataException swapped = assertThrows(DataException.class, () -> open("file"));
      assertTrue(
          swapped
              .getMessage()
              .contains(
                  "expected hash="
                      + index.vocabularyHash()
                      + ", actual hash="
                      + other.vocabularyHash()),
          swapped.getMessage());
    }
    Files.delete(folder.resolve("tokenizer.json"));
    DataException e = assertThrows(DataException.class, () -> open("file"));
    assertTrue(e.getMessage().startsWith("The corpus has no tokenizer"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 64})
  void shouldReadTheSameIdsThroughBlocksOfAnySize(int blockTokens) {
    for (int vocabularySize : new int[] {101, 70_001}) {
      Path corpus = folder.resolve("ids-" + vocabularySize);
      SampleCorpus.write(corpus, vocabularySize);
      try (TokenDataset dataset = openHeap(corpus, blockTokens)) {
        for (int from = 0; from <= SampleCorpus.TRAIN_TOTAL; from++) {
          for (int length = 0; length <= SampleCorpus.TRAIN_TOTAL - from; length++) {
            assertReads(dataset, TokenSplit.TRAIN, from, length);
          }
        }
        assertReads(dataset, TokenSplit.VALIDATION, 1, SampleCorpus.VALIDATION_TOKENS - 1);
      }
    }
  }

  @Test
  void shouldHoldBoundedBlocksAndFiles() {
    int[] shards = new int[TokenBlocks.STREAMS + 5];
    Arrays.fill(shards, 11);
    SampleCorpus.write(folder, 101, shards);
    HeapFileSystem.reset();
    int total = 11 * shards.length;
    assertTrue(total > 3 * TokenBlocks.BLOCKS, "the corpus must not fit into the window");
    try (TokenDataset dataset = openHeap(folder, 3)) {
      assertEquals(0, HeapFileSystem.OPEN.get(), "checking a shard leaves it open");
      int whileOpening = HeapFileSystem.READS.get();
      for (int pass = 0; pass < 2; pass++) {
        assertReads(dataset, TokenSplit.TRAIN, 0, total);
      }
      // Four blocks a shard, of which the first pass's are long gone in the second.
      assertEquals(whileOpening + 2 * 4 * shards.length, HeapFileSystem.READS.get());
      assertEquals(TokenBlocks.STREAMS, HeapFileSystem.OPEN.get());
      assertTrue(HeapFileSystem.MOST_OPEN.get() <= TokenBlocks.STREAMS + 1, "one more is opening");
      assertReads(dataset, TokenSplit.TRAIN, total - 7, 7);
      assertReads(dataset, TokenSplit.TRAIN, total - 6, 6);
      assertEquals(
          whileOpening + 2 * 4 * shards.length,
          HeapFileSystem.READS.get(),
          "blocks read last are held");
    }
    assertEquals(0, HeapFileSystem.OPEN.get(), "closing leaves files open");
  }

  @Test
  void shouldCountTheWindowInTheMemoryPlan() {
    assertEquals(
        (long) TokenBlocks.BLOCKS * TokenBlocks.BLOCK_TOKENS * Integer.BYTES,
        TokenDataset.WINDOW_BYTES);
    assertTrue(TokenDataset.WINDOW_BYTES <= 4 << 20, "bytes=" + TokenDataset.WINDOW_BYTES);
  }

  @Test
  void shouldNameFileAndOffsetThatCannotBeRead() throws IOException {
    SampleCorpus.write(folder, 101);
    HeapFileSystem.reset();
    try (TokenDataset dataset = openHeap(folder, 4)) {
      assertReads(dataset, TokenSplit.TRAIN, 8, 4);
      HeapFileSystem.broken = true;
      // Position 17 is number 9 of the last shard, in the block of 8 to 11.
      DataException broken = assertThrows(DataException.class, () -> read(dataset, 17));
      assertEquals(
          "Token shard cannot be read: file=heap:"
              + folder.toAbsolutePath().resolve("train-3")
              + ", offset="
              + (64 + 2 * 8)
              + ", bytes=8, problem=the data node is gone",
          broken.getMessage());
      HeapFileSystem.broken = false;
      assertEquals(SampleCorpus.token(TokenSplit.TRAIN, 17, 101), read(dataset, 17));
      Files.write(folder.resolve("train-3"), new byte[89]);
      DataException shorter = assertThrows(DataException.class, () -> read(dataset, 20));
      assertTrue(
          shorter.getMessage().startsWith("Token shard has become shorter: file="),
          shorter.getMessage());
      assertTrue(
          shorter.getMessage().contains("train-3, offset=88, bytes=2"), shorter.getMessage());
    }
  }

  private static float read(TokenDataset dataset, int position) {
    float[] id = new float[1];
    dataset.read(TokenSplit.TRAIN, position, id, 0, 1);
    return id[0];
  }

  private static TokenDataset openHeap(Path corpus, int blockTokens) {
    return TokenDataset.open(
        HeapFileSystem.configuration(),
        new org.apache.hadoop.fs.Path("heap://" + corpus.toAbsolutePath()),
        blockTokens);
  }

  @Test
  void shouldRefuseToReadWhenClosed() {
    SampleCorpus.write(folder, 101);
    TokenDataset dataset = open("file");
    dataset.close();
    assertThrows(
        IllegalStateException.class, () -> dataset.read(TokenSplit.TRAIN, 0, new float[1], 0, 1));
  }

  private void assertDamaged(String scheme, String expected, byte[] content) throws IOException {
    Files.write(folder.resolve("train-3"), content);
    DataException e = assertThrows(DataException.class, () -> open(scheme));
    assertTrue(e.getMessage().contains("train-3"), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private static byte[] flip(byte[] good, int at, int value) {
    byte[] bytes = good.clone();
    bytes[at] = (byte) value;
    return bytes;
  }

  private TokenDataset open(String scheme) {
    Configuration configuration = HeapFileSystem.configuration();
    return TokenDataset.open(
        configuration, new org.apache.hadoop.fs.Path(scheme + "://" + folder.toAbsolutePath()));
  }

  private static void assertReads(TokenDataset dataset, TokenSplit split, int from, int length) {
    float[] read = new float[length + 2];
    read[0] = -1;
    read[length + 1] = -1;
    dataset.read(split, from, read, 1, length);
    assertEquals(-1, read[0]);
    assertEquals(-1, read[length + 1]);
    for (int i = 0; i < length; i++) {
      assertEquals(
          SampleCorpus.token(split, from + i, dataset.vocabularySize()), read[i + 1], "i=" + i);
    }
  }
}
