package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NumberNamesTest {
  @TempDir private Path folder;

  @Test
  void shouldSpellEveryNumberOnceAndHoldATenthOut() throws IOException {
    NumberNames.Counts counts =
        NumberNames.write(1000, new Configuration(), path("train.tsv"), path("held-out.tsv"));

    List<String> train = Files.readAllLines(folder.resolve("train.tsv"));
    List<String> held = Files.readAllLines(folder.resolve("held-out.tsv"));
    assertEquals(new NumberNames.Counts(train.size(), held.size()), counts);
    assertEquals(100, held.size());
    Set<String> all = new HashSet<>(train);
    all.addAll(held);
    assertEquals(1000, all.size());
    for (String line :
        List.of(
            "zero\tzéro",
            "seventy-one\tsoixante-et-onze",
            "ninety-nine\tquatre-vingt-dix-neuf",
            "two hundred\tdeux cents",
            "five hundred twenty-three\tcinq cent vingt-trois")) {
      assertTrue(all.contains(line), line);
    }
  }

  private org.apache.hadoop.fs.Path path(String name) {
    return new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
  }
}
