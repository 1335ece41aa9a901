package io.shardfire.worker.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class TokenShardWriterTest {
  private static final String HASH = "0123456789abcdef".repeat(4);

  @Test
  void shouldWriteTheGoldenBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TokenShardWriter writer = TokenShardWriter.create(out, 65536, HASH)) {
      writer.document(new int[] {1, 65535, 99}, 2);
      writer.document(new int[] {258}, 1);
      assertEquals(3, writer.tokens());
      assertEquals(2, writer.documents());
      assertEquals(102, writer.bytes());
    }
    assertEquals(
        "534846544f4b454e" // magic
            + "01000000" // version
            + "02000000" // id width
            + "00000100" // vocabulary size
            + "000000000000000000000000"
            + HASH
            + "0100ffff0201" // ids
            + "0300000000000000" // tokens
            + "0200000000000000" // documents
            + "9678b70e" // CRC32C
            + "00000000"
            + "4e454b4f54464853",
        HexFormat.of().formatHex(out.toByteArray()));
  }

  @Test
  void shouldWriteWideIdsForLargeVocabularies() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TokenShardWriter writer = TokenShardWriter.create(out, 65537, HASH)) {
      writer.document(new int[] {65536}, 1);
    }
    byte[] bytes = out.toByteArray();
    assertEquals(64 + 4 + 32, bytes.length);
    assertArrayEquals(
        new byte[] {0, 0, 1, 0}, new byte[] {bytes[64], bytes[65], bytes[66], bytes[67]});
  }

  @Test
  void shouldRejectIdsOutsideTheVocabularyAndLeaveNoValidFile() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TokenShardWriter writer = TokenShardWriter.create(out, 10, HASH);
    writer.document(new int[] {9}, 1);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> writer.document(new int[] {3, 10}, 2));
    assertTrue(
        e.getMessage().contains("id=10, position=1, document=1, vocabularySize=10"),
        e.getMessage());
    assertThrows(IllegalStateException.class, () -> writer.document(new int[] {1}, 1));
    writer.close();
    assertEquals(0, out.size());
  }

  @Test
  void shouldRejectBadArguments() {
    OutputStream out = new ByteArrayOutputStream();
    assertThrows(IllegalArgumentException.class, () -> TokenShardWriter.create(out, 0, HASH));
    assertThrows(IllegalArgumentException.class, () -> TokenShardWriter.create(out, 5, "abc"));
  }

  @Test
  void shouldReportAFullDisk() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    TokenShardWriter writer = TokenShardWriter.create(full, 300, HASH);
    writer.document(new int[] {5}, 1);
    DataException e = assertThrows(DataException.class, writer::close);
    assertTrue(
        e.getMessage().contains("tokens=1, documents=1, problem=No space left on device"),
        e.getMessage());
  }
}
