package io.shardfire.driver.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DocumentReaderTest {
  private final Configuration configuration = new Configuration();
  @TempDir private Path folder;

  @Test
  void shouldReadLinesWithTheirOffsets() throws IOException {
    Path file = write("a.txt", "one\r\n\n  two \n \t \nthré\uD83D\uDE00e\nlast");

    List<Document> documents = read(DocumentMode.LINE, file);

    assertEquals(List.of("one", "  two ", "thré\uD83D\uDE00e", "last"), texts(documents));
    assertEquals(List.of(0L, 6L, 17L, 28L), documents.stream().map(Document::offset).toList());
  }

  @Test
  void shouldReadAFileAsOneDocument() throws IOException {
    Path file = write("a.txt", "one\r\n\ntwo\n");

    assertEquals(List.of("one\r\n\ntwo\n"), texts(read(DocumentMode.FILE, file)));
  }

  @Test
  void shouldReadBlocksBetweenBlankLines() throws IOException {
    Path file = write("a.txt", "\n\na\r\nb\n \n\nc\n\n");

    List<Document> documents = read(DocumentMode.BLANK_LINES, file);

    assertEquals(List.of("a\nb", "c"), texts(documents));
    assertEquals(List.of(2L, 10L), documents.stream().map(Document::offset).toList());
  }

  @Test
  void shouldReadAFieldOfJsonLines() throws IOException {
    Path file =
        write(
            "a.jsonl",
            "{\"text\": \"one\\ntwo\", \"n\": 1}\n\n{\"text\":\" \"}\n{\"text\":\"\\ud83d\\ude00\"}");

    assertEquals(List.of("one\ntwo", "\uD83D\uDE00"), texts(read(DocumentMode.JSON_LINES, file)));
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"PAIRS", "JSON_PAIRS"})
  void shouldDropAByteOrderMarkAtTheStartOnly(DocumentMode mode) throws IOException {
    String text = mode == DocumentMode.JSON_LINES ? "{\"text\":\"a\uFEFFb\"}" : "a\uFEFFb";
    Path file = write("a.txt", "\uFEFF" + text);

    assertEquals(List.of("a\uFEFFb"), texts(read(mode, file)));
  }

  @Test
  void shouldReadCompressedFiles() throws IOException {
    byte[] text = "one\ntwo\n".getBytes(UTF_8);
    Path gzip = folder.resolve("a.txt.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
      out.write(text);
    }
    BZip2Codec codec = new BZip2Codec();
    codec.setConf(configuration);
    ByteArrayOutputStream bzip2 = new ByteArrayOutputStream();
    try (OutputStream out = codec.createOutputStream(bzip2)) {
      out.write(text);
    }
    Path bz2 = Files.write(folder.resolve("a.txt.bz2"), bzip2.toByteArray());
    Path zst = Files.write(folder.resolve("a.txt.zst"), Zstd.compress(text));

    for (Path file : List.of(gzip, bz2, zst)) {
      assertEquals(List.of("one", "two"), texts(read(DocumentMode.LINE, file)), file.toString());
    }
  }

  @Test
  void shouldNameATruncatedCompressedFile() throws IOException {
    byte[] compressed = Zstd.compress("one\ntwo\n".repeat(1000).getBytes(UTF_8));
    Path file = folder.resolve("cut.zst");
    Files.write(file, Arrays.copyOf(compressed, compressed.length - 4));

    String message =
        assertThrows(CorpusException.class, () -> read(DocumentMode.LINE, file)).getMessage();

    assertTrue(
        message.startsWith("Damaged compressed file: file=" + name(file) + " reason=Truncated"),
        message);
  }

  @Test
  void shouldNotTakeTheFrontOfACompressedFileForTheWhole() throws IOException {
    byte[] text = "one\ntwo\n".repeat(50).getBytes(UTF_8);
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(gzip)) {
      out.write(text);
    }
    BZip2Codec codec = new BZip2Codec();
    codec.setConf(configuration);
    ByteArrayOutputStream bzip2 = new ByteArrayOutputStream();
    try (OutputStream out = codec.createOutputStream(bzip2)) {
      out.write(text);
    }
    Map<String, byte[]> files =
        Map.of(
            "a.gz", gzip.toByteArray(), "a.bz2", bzip2.toByteArray(), "a.zst", Zstd.compress(text));
    for (Map.Entry<String, byte[]> whole : new TreeMap<>(files).entrySet()) {
      Path file = folder.resolve(whole.getKey());
      Files.write(file, whole.getValue());
      assertEquals(100, read(DocumentMode.LINE, file).size(), whole.getKey());
      for (int length = 1; length < whole.getValue().length; length++) {
        Files.write(file, Arrays.copyOf(whole.getValue(), length));
        CorpusException e =
            assertThrows(
                CorpusException.class,
                () -> read(DocumentMode.LINE, file),
                whole.getKey() + " " + length);
        assertTrue(e.getMessage().startsWith("Damaged compressed file: "), e.getMessage());
      }
    }
  }

  @Test
  void shouldTellDamageFromAFileSystemThatFails() throws IOException {
    Path text = write("a.txt.bz2", "this was never compressed");
    String message =
        assertThrows(CorpusException.class, () -> read(DocumentMode.LINE, text)).getMessage();
    assertTrue(message.startsWith("Damaged compressed file: file=" + name(text)), message);

    Path absent = folder.resolve("absent.txt.gz");
    CorpusException e = assertThrows(CorpusException.class, () -> read(DocumentMode.LINE, absent));
    assertEquals(
        "Cannot read: file="
            + name(absent)
            + " reason=File "
            + name(absent)
            + " does not exist. Check that the file is there and readable on every machine",
        e.getMessage());
    assertEquals(CorpusException.class, e.getClass());

    configuration.setClass("fs.file.impl", FailingFileSystem.class, FileSystem.class);
    configuration.setBoolean("fs.file.impl.disable.cache", true);
    for (Path file : List.of(text, write("a.txt", "x"))) {
      e =
          assertThrows(
              TransientCorpusException.class, () -> read(DocumentMode.LINE, file), file.toString());
      assertEquals(
          "Cannot read: file="
              + name(file)
              + " reason=connection reset. Check that the file is there and readable on every"
              + " machine",
          e.getMessage());
    }
  }

  /** Opens files and fails to read them. */
  public static final class FailingFileSystem extends RawLocalFileSystem {
    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path path, int buffer) throws IOException {
      InputStream in = super.open(path, buffer);
      in.close();
      return new FSDataInputStream(new FailingStream());
    }
  }

  private static final class FailingStream extends FSInputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("connection reset");
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return read();
    }

    @Override
    public void seek(long position) {}

    @Override
    public long getPos() {
      return 0;
    }

    @Override
    public boolean seekToNewSource(long target) {
      return false;
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"PAIRS", "JSON_PAIRS"})
  void shouldNameUtf16(DocumentMode mode) throws IOException {
    String text = "{\"text\":\"Gr\u00FC\u00DFe \u65E5\u672C\"}\n".repeat(3);
    assertForeign(mode, text, StandardCharsets.UTF_16LE, "", "zeroBytes=54 of the first 120");
    assertForeign(mode, text, StandardCharsets.UTF_16BE, "", "zeroBytes=54 of the first 120");
    assertForeign(mode, text, StandardCharsets.UTF_16LE, "\uFEFF", "byteOrderMark=FFFE");
    assertForeign(mode, text, StandardCharsets.UTF_16BE, "\uFEFF", "byteOrderMark=FEFF");
    assertForeign(mode, text, Charset.forName("UTF-32LE"), "\uFEFF", "byteOrderMark=FFFE0000");
    assertForeign(mode, text, Charset.forName("UTF-32BE"), "", "zeroBytes=174 of the first 240");
    String cyrillic = "\u043F\u0440\u0438\u0432\u0435\u0442 \u043C\u0438\u0440\n".repeat(10);
    assertForeign(mode, cyrillic, StandardCharsets.UTF_16LE, "", "zeroBytes=20 of the first 220");
  }

  private void assertForeign(
      DocumentMode mode, String text, Charset charset, String mark, String evidence)
      throws IOException {
    Path plain = Files.write(folder.resolve("wide.txt"), (mark + text).getBytes(charset));
    Path gzip = folder.resolve("wide.txt.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
      out.write((mark + text).getBytes(charset));
    }
    String named = mark.isEmpty() ? charset.name() : charset.name().substring(0, 6);
    for (Path file : List.of(plain, gzip)) {
      MalformedDocumentException e =
          assertThrows(MalformedDocumentException.class, () -> read(mode, file));
      assertEquals(
          "Not UTF-8 but %s: file=%s line=1 offset=0 %s. Convert the text (iconv -f %s -t UTF-8 FILE >"
                  .formatted(charset.name(), name(file), evidence, named)
              + " NEW_FILE) or leave the file out",
          new LineNumbers(configuration).locate(e).getMessage());
    }
  }

  @Test
  void shouldReadTextWithFewZeroBytes() throws IOException {
    String text = "zero\u0000width and abc\u0000abc\u0000";
    assertEquals(List.of(text), texts(read(DocumentMode.LINE, write("zeros.txt", text))));
    assertEquals(List.of("a\u0000"), texts(read(DocumentMode.LINE, write("one.txt", "a\u0000"))));
  }

  @Test
  void shouldGuessTheEncodingOfABadByte() throws IOException {
    byte[] text =
        "\n\n\u65E5\u672C\u8A9E\u306E \u30C6\u30AD\u30B9\u30C8".repeat(4).getBytes(UTF_16LE);
    Path file = Files.write(folder.resolve("wide.txt"), text);
    String message =
        assertThrows(CorpusException.class, () -> read(DocumentMode.FILE, file)).getMessage();
    assertTrue(
        message.endsWith("(for example: iconv -f UTF-16LE -t UTF-8) or leave it out"), message);
  }

  @Test
  void shouldGiveTheSameDocumentsWhereverTheFileIsCut() throws IOException {
    String text = "\uFEFFab\r\n\n\ncdé\n\r\nf\n  \nlast line";
    Path file = write("a.txt", text);
    List<Document> whole = read(DocumentMode.LINE, file);
    long bytes = Files.size(file);

    for (long cut = 1; cut < bytes; cut++) {
      for (long second = cut; second < bytes; second++) {
        List<CorpusSlice> slices = new ArrayList<>();
        slices.add(new CorpusSlice(name(file), 0, cut));
        slices.add(new CorpusSlice(name(file), cut, second));
        slices.add(new CorpusSlice(name(file), second, bytes));
        assertEquals(whole, read(DocumentMode.LINE, slices), "cut at " + cut + ", " + second);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"PAIRS", "JSON_PAIRS"})
  void shouldSayWhereAFileIsNotUtf8(DocumentMode mode) throws IOException {
    Path file =
        Files.write(
            folder.resolve("latin.txt"), "fine\n{\"text\":\"café\"}\n".getBytes(ISO_8859_1));
    if (mode == DocumentMode.JSON_LINES) {
      Files.write(file, " ".repeat(4).concat("\n{\"text\":\"café\"}\n").getBytes(ISO_8859_1));
    }

    MalformedDocumentException e =
        assertThrows(MalformedDocumentException.class, () -> read(mode, file));

    assertEquals(
        "Not UTF-8: file="
            + name(file)
            + " line=2 offset=17 bytes=E9. Convert the file to UTF-8 (for example:"
            + " iconv -f WINDOWS-1252 -t UTF-8) or leave it out",
        new LineNumbers(configuration).locate(e).getMessage());
  }

  @Test
  void shouldRejectACharacterCutByTheEndOfTheFile() throws IOException {
    Path file =
        Files.write(folder.resolve("cut.txt"), new byte[] {'a', '\n', (byte) 0xE2, (byte) 0x82});

    MalformedDocumentException e =
        assertThrows(MalformedDocumentException.class, () -> read(DocumentMode.LINE, file));

    assertTrue(e.getMessage().contains(" offset=2 bytes=E282. "), e.getMessage());
  }

  @Test
  void shouldSayWhichJsonLineIsWrong() throws IOException {
    assertJsonError("{\"text\":\"a\"}\n{\"text\":", "Not JSON: file=%s line=2 offset=13 reason=");
    assertJsonError("[1]\n", "Not a JSON object: file=%s line=1 offset=0 found=ARRAY. Write");
    assertJsonError(
        "{\"text\":\"a\"}\n\n{\"body\":\"b\"}",
        "JSON field missing: file=%s line=3 offset=14 jsonField=text. Give the name");
    assertJsonError(
        "{\"text\":7}",
        "JSON field is not a string: file=%s line=1 offset=0 jsonField=text found=NUMBER. Give");
    assertJsonError(
        "{\"text\":\"\\ud83d\"}",
        "JSON text is not Unicode: file=%s line=1 offset=0 jsonField=text. Remove");
    assertJsonError("{\"text\":\"a\"} x", "Not JSON: file=%s line=1 offset=0 reason=");
  }

  private void assertJsonError(String content, String expected) throws IOException {
    Path file = write("bad.jsonl", content);
    MalformedDocumentException e =
        assertThrows(MalformedDocumentException.class, () -> read(DocumentMode.JSON_LINES, file));
    String message = new LineNumbers(configuration).locate(e).getMessage();
    assertTrue(message.startsWith(expected.formatted(name(file))), message);
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static String name(Path file) {
    return "file:" + file;
  }

  private List<Document> read(DocumentMode mode, Path file) {
    return read(mode, List.of(new CorpusSlice(name(file), 0, Long.MAX_VALUE)));
  }

  private List<Document> read(DocumentMode mode, List<CorpusSlice> slices) {
    List<Document> documents = new ArrayList<>();
    new DocumentReader(mode, "text", configuration)
        .read(new CorpusPart(0, slices, List.of()), documents::add);
    return documents;
  }

  private static List<String> texts(List<Document> documents) {
    return documents.stream().map(Document::text).toList();
  }
}
