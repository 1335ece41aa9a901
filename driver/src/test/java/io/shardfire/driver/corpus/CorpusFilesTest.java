package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BlockLocation;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusFilesTest {
  private final CorpusFiles files = new CorpusFiles(new Configuration());
  @TempDir private Path folder;

  @Test
  void shouldListEachFileOnceInOrderOfPaths() throws IOException {
    write("b.txt", "b");
    write("sub/deeper/a.txt", "a");
    write("a.txt", "a");
    write("_SUCCESS", "x");
    write(".hidden/x.txt", "x");
    write("empty.txt", "");

    assertEquals(
        List.of("a.txt", "b.txt", "sub/deeper/a.txt"),
        names(folder + "/b.txt", folder.toString(), folder + "/*.txt"));
  }

  @Test
  void shouldReadAFileOnceWhateverLeadsToIt() throws IOException {
    write("real/a.txt", "a");
    write("real/b.txt", "b");
    Files.createSymbolicLink(folder.resolve("again.txt"), folder.resolve("real/a.txt"));
    Files.createLink(folder.resolve("real/hard.txt"), folder.resolve("real/b.txt"));
    Files.createSymbolicLink(folder.resolve("real/up"), folder);
    Files.createSymbolicLink(folder.resolve("zoo"), folder.resolve("real"));

    List<String> read = List.of("again.txt", "real/b.txt");
    List<String> skipped =
        List.of(
            "real/a.txt: the same as file:" + folder + "/again.txt",
            "real/hard.txt: the same as file:" + folder + "/real/b.txt",
            "real/up: the same as file:" + folder,
            "zoo: the same as file:" + folder + "/real");
    assertEquals(read, names(folder.toString()));
    assertEquals(skipped, skipped(folder.toString()));
    assertEquals(read, names(folder + "/real", folder.toString()));
    assertEquals(skipped, skipped(folder + "/real", folder.toString()));
  }

  @Test
  void shouldSayWhatItSkips() throws IOException {
    write("a.txt", "a");
    write("empty.txt", "");
    write("_SUCCESS", "x");
    write(".hidden/x.txt", "x");
    Files.createSymbolicLink(folder.resolve("broken.txt"), Path.of("nowhere"));

    List<String> skipped =
        List.of(
            ".hidden: hidden, its name begins with . or _",
            "_SUCCESS: hidden, its name begins with . or _",
            "broken.txt: a link to nothing",
            "empty.txt: empty");
    assertEquals(skipped, skipped(folder.toString()));
    assertEquals(skipped, skipped(folder + "/*"));
    assertEquals(skipped.subList(2, 4), skipped(folder + "/*.txt"));
    assertEquals(List.of("a.txt"), names(folder + "/*"));
    // What is named is meant.
    assertEquals(List.of("_SUCCESS", "a.txt"), names(folder + "/_SUCCESS", folder + "/a*"));
    assertEquals(List.of("_SUCCESS"), names(folder + "/_*"));
    assertFails(
        "Input is a link to nothing: input=%s/broken.txt target=nowhere. Mend the link, or give the"
            + " file itself",
        "/broken.txt");
    assertFails(
        "Empty corpus: input=[%1$s/e*] files=0 skipped=[file:%1$s/empty.txt: empty]. Give files"
            + " that hold text",
        "/e*");
  }

  @Test
  void shouldTakeAPathWithGlobCharactersAsItself() throws IOException {
    write("[ab].txt", "x");
    write("a.txt", "x");

    assertEquals(List.of("[ab].txt"), names(folder + "/[ab].txt"));
    assertEquals(List.of("a.txt"), names(folder + "/[a].txt"));
  }

  @Test
  void shouldSayWhatIsMissingOrEmpty() throws IOException {
    write("empty.txt", "");
    Files.createDirectory(folder.resolve("hollow"));

    assertFails("No such input: input=%s/none. Check the path or glob", "/none");
    assertFails("No such input: input=%s/*.gz. Check the path or glob", "/*.gz");
    assertFails("Empty corpus: input=[%s/hollow] files=0. Give files that hold text", "/hollow");
    assertFails(
        "Empty corpus: input=[%1$s/empty.txt] files=0 skipped=[file:%1$s/empty.txt: empty]. Give files"
            + " that hold text",
        "/empty.txt");
  }

  @Test
  void shouldRefuseFormatsThatAreNotText() throws IOException {
    write("a.zip", "x");

    assertFails(
        "Unsupported file format: file=file:%s/a.zip suffix=.zip. Give plain text or JSON lines,"
            + " uncompressed or as .gz, .bz2 or .zst",
        "/a.zip");
  }

  @Test
  void shouldCutPlainLinesAndKeepTheRestWhole() throws IOException {
    write("a.txt", "x".repeat(10));
    write("b.txt.gz", "x".repeat(10));
    write("c.txt", "x".repeat(3));

    assertEquals(
        List.of(
            "0: a.txt[0,4)", "1: a.txt[4,8)", "2: a.txt[8,10) b.txt.gz[0,end)", "3: c.txt[0,3)"),
        parts(DocumentMode.LINE, 4));
    assertEquals(
        List.of("0: a.txt[0,end)", "1: b.txt.gz[0,end)", "2: c.txt[0,end)"),
        parts(DocumentMode.FILE, 4));
    assertEquals(List.of("0: a.txt[0,10) b.txt.gz[0,end) c.txt[0,3)"), parts(DocumentMode.LINE, 0));
  }

  @Test
  void shouldPreferTheHostsThatStoreAPart() throws IOException {
    write("a.txt", "x".repeat(10));
    Configuration stored = new Configuration();
    stored.setClass("fs.file.impl", StoredFileSystem.class, FileSystem.class);
    stored.setBoolean("fs.file.impl.disable.cache", true);
    CorpusFiles distributed = new CorpusFiles(stored);

    List<CorpusPart> parts =
        distributed.parts(
            distributed.list(List.of(folder.toString())).read(), DocumentMode.LINE, 4);

    assertEquals(
        List.of(List.of("host0"), List.of("host4"), List.of("host8")),
        parts.stream().map(CorpusPart::hosts).toList());
    assertEquals(
        List.of(List.of(), List.of(), List.of()),
        files.parts(files.list(List.of(folder.toString())).read(), DocumentMode.LINE, 4).stream()
            .map(CorpusPart::hosts)
            .toList());
  }

  /** The local file system with a host for each position. */
  public static final class StoredFileSystem extends RawLocalFileSystem {
    @Override
    public BlockLocation[] getFileBlockLocations(FileStatus file, long start, long length) {
      String[] hosts = {"host" + start, "localhost"};
      return new BlockLocation[] {new BlockLocation(hosts, hosts, start, length)};
    }
  }

  private List<String> parts(DocumentMode mode, long bytesPerTask) {
    return files.parts(files.list(List.of(folder.toString())).read(), mode, bytesPerTask).stream()
        .map(this::describe)
        .toList();
  }

  private String describe(CorpusPart part) {
    StringBuilder text = new StringBuilder(part.index() + ":");
    for (CorpusSlice slice : part.slices()) {
      text.append(' ').append(relative(slice.file())).append('[').append(slice.start()).append(',');
      text.append(slice.end() == Long.MAX_VALUE ? "end" : slice.end()).append(')');
    }
    return text.toString();
  }

  private void assertFails(String expected, String input) {
    String message =
        assertThrows(CorpusException.class, () -> files.list(List.of(folder + input))).getMessage();
    assertEquals(expected.formatted(folder), message);
  }

  private List<String> names(String... inputs) {
    return files.list(List.of(inputs)).read().stream()
        .map(status -> relative(status.getPath().toString()))
        .toList();
  }

  private List<String> skipped(String... inputs) {
    return files.list(List.of(inputs)).skipped().stream()
        .map(input -> relative(input.path()) + ": " + input.why())
        .toList();
  }

  private String relative(String path) {
    String prefix = "file:" + folder + "/";
    assertTrue(path.startsWith(prefix), path);
    return path.substring(prefix.length());
  }

  private void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
