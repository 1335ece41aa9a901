package io.shardfire.worker.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorpusIdentityTest {
  @TempDir Path folder;

  /** Vocabularies of both widths of ids. */
  @ParameterizedTest
  @ValueSource(ints = {101, 70_001})
  void shouldHaveTheChecksumOfTheIdsHoweverTheyAreCut(int vocabularySize) {
    TokenIndex index = SampleCorpus.write(folder, vocabularySize);

    CorpusIdentity identity = read(index);

    assertEquals(index.vocabularyHash(), identity.vocabularyHash());
    assertEquals(SampleCorpus.TRAIN_TOTAL, identity.trainTokens());
    assertEquals(SampleCorpus.VALIDATION_TOKENS, identity.validationTokens());
    assertEquals(
        checksum(TokenSplit.TRAIN, SampleCorpus.TRAIN_TOTAL, vocabularySize),
        identity.trainChecksum());
    assertEquals(
        checksum(TokenSplit.VALIDATION, SampleCorpus.VALIDATION_TOKENS, vocabularySize),
        identity.validationChecksum());
    assertNotEquals(identity.trainChecksum(), identity.validationChecksum());
  }

  private static String checksum(TokenSplit split, int tokens, int vocabularySize) {
    int width = TokenShardFormat.idBytes(vocabularySize);
    ByteBuffer ids = ByteBuffer.allocate(tokens * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < tokens; i++) {
      int id = SampleCorpus.token(split, i, vocabularySize);
      if (width == Short.BYTES) {
        ids.putShort((short) id);
      } else {
        ids.putInt(id);
      }
    }
    CRC32C checksum = new CRC32C();
    checksum.update(ids.flip());
    return HexFormat.of().toHexDigits((int) checksum.getValue());
  }

  @Test
  void shouldChainChecksumsOfAnyLength() {
    byte[] bytes = new byte[1037];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31 + i / 7);
    }
    for (int cut = 0; cut <= bytes.length; cut += 61) {
      ChainedChecksum chain = new ChainedChecksum();
      chain.add(crc(bytes, 0, cut), cut);
      chain.add(crc(bytes, cut, bytes.length - cut), bytes.length - cut);
      assertEquals(crc(bytes, 0, bytes.length), chain.value(), "cut=" + cut);
    }
    assertEquals(
        0x1234_ABCD, ChainedChecksum.unshifted(ChainedChecksum.shifted(0x1234_ABCD, 16), 16));
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, from, length);
    return (int) checksum.getValue();
  }

  @Test
  void shouldNameAShardThatIsNotAsTheIndexSays() throws IOException {
    TokenIndex index = SampleCorpus.write(folder, 101);
    Path shard = folder.resolve("train-1");
    byte[] whole = Files.readAllBytes(shard);

    Files.write(shard, java.util.Arrays.copyOf(whole, whole.length - 1));
    assertRefused(index, "train-1, field=file size, expected=98, actual=97");

    byte[] changed = whole.clone();
    changed[changed.length - 32] ^= 2;
    Files.write(shard, changed);
    assertRefused(index, "train-1, field=token count, expected=1, actual=3");

    changed = whole.clone();
    changed[40] ^= 1;
    Files.write(shard, changed);
    assertRefused(index, "train-1, field=vocabulary hash, expected=");

    Files.delete(shard);
    assertRefused(index, "Token shard is missing: file=");
  }

  private void assertRefused(TokenIndex index, String text) {
    DataException e = assertThrows(DataException.class, () -> read(index));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  private CorpusIdentity read(TokenIndex index) {
    return CorpusIdentity.read(
        new Configuration(false), new org.apache.hadoop.fs.Path(folder.toUri()), index);
  }
}
