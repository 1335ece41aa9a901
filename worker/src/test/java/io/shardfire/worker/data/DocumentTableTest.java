package io.shardfire.worker.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentTableTest {
  private static final int VOCABULARY = 65;

  @TempDir Path folder;

  @Test
  void shouldWriteTheGoldenBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (DocumentWriter writer = DocumentWriter.create(out)) {
      writer.document(3);
      writer.document(258);
    }
    assertEquals(
        "534846444f43554d" // magic
            + "01000000" // version
            + "00".repeat(52)
            + "03000000" // ends
            + "02010000"
            + "0200000000000000" // documents
            + "0201000000000000" // tokens
            + "e793f8d1" // CRC32C
            + "00000000"
            + "4d55434f44464853",
        HexFormat.of().formatHex(out.toByteArray()));
  }

  /** Mapped, and read by offset in blocks of a few entries. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldKnowTheDocumentsOfAllShards(boolean local) {
    SampleCorpus.write(folder, VOCABULARY);
    try (TokenDataset data = open(local)) {
      DocumentTable table = data.documents(TokenSplit.TRAIN);
      List<String> found = new ArrayList<>();
      for (long document = 0; document < table.documents(); document++) {
        found.add(table.begin(document) + "-" + table.end(document));
      }
      assertEquals(List.of("0-4", "4-7", "7-8", "8-12", "12-16", "16-20", "20-21"), found);
      for (long position = 0; position < SampleCorpus.TRAIN_TOTAL; position++) {
        long document = table.at(position);
        assertTrue(
            table.begin(document) <= position && position < table.end(document),
            "position=" + position + ", document=" + document);
      }
      assertEquals(2, data.documents(TokenSplit.VALIDATION).documents());
      assertThrows(IllegalArgumentException.class, () -> table.end(table.documents()));
      assertThrows(IllegalArgumentException.class, () -> table.at(SampleCorpus.TRAIN_TOTAL));
    }
  }

  @Test
  void shouldNameAFileThatIsDamagedOrMissing() throws IOException {
    SampleCorpus.write(folder, VOCABULARY);
    Path file = folder.resolve("train-0.documents");
    byte[] bytes = Files.readAllBytes(file);
    bytes[66] ^= 1;
    Files.write(file, bytes);
    assertFails("file=" + file + ", field=CRC32C");
    Files.write(file, new byte[104]);
    assertFails("file=" + file + ", field=magic, expected=SHFDOCUM");
    Files.write(file, new byte[5]);
    assertFails("file=" + file + ", field=file size, expected=104, actual=5");
    Files.delete(file);
    assertFails("Token shard is missing: file=file:" + file);
  }

  @Test
  void shouldRefuseACorpusThatDoesNotSay() throws IOException {
    SampleCorpus.write(folder, VOCABULARY);
    Path index = folder.resolve("index.json");
    Files.writeString(
        index,
        Files.readString(index)
            .replace("\"formatVersion\" : 2", "\"formatVersion\" : 1")
            .replaceFirst("\"content\" : \"TEXT\",\\s*", ""));
    assertFails("The corpus does not say where its documents end, for an older version wrote it");
  }

  @Test
  void shouldRefuseAShardThatIsTooLarge() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    DocumentWriter writer = DocumentWriter.create(out);
    writer.document((1L << 32) - 1);
    DataException e = assertThrows(DataException.class, () -> writer.document(1L << 32));
    assertTrue(e.getMessage().contains("tokens=4294967296, limit=4294967295"), e.getMessage());
    writer.close();
    assertEquals(0, out.size());
  }

  private void assertFails(String expected) {
    try (TokenDataset data = open(true)) {
      DataException e = assertThrows(DataException.class, () -> data.documents(TokenSplit.TRAIN));
      assertTrue(e.getMessage().contains(expected), e.getMessage());
    }
  }

  private TokenDataset open(boolean local) {
    String scheme = local ? "file" : "heap";
    return TokenDataset.open(
        HeapFileSystem.configuration(),
        new org.apache.hadoop.fs.Path(scheme + "://" + folder.toAbsolutePath()),
        3);
  }
}
