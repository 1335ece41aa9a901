package io.shardfire.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A few thousand sentences from a fixed grammar: enough to learn from, small enough to prepare in
 * seconds.
 */
final class SmallCorpus {
  private static final List<String> SUBJECTS =
      List.of("the river", "a lantern", "one small fox", "the old clock", "every sailor");
  private static final List<String> VERBS =
      List.of("follows", "remembers", "paints", "measures", "forgets", "carries", "answers");
  private static final List<String> OBJECTS =
      List.of("the morning", "a letter", "three stones", "the empty road", "a quiet song", "rain");

  private SmallCorpus() {}

  /** Writes {@code sentences} lines. */
  static Path write(Path file, int sentences) throws IOException {
    StringBuilder text = new StringBuilder();
    long state = 0x9E3779B97F4A7C15L;
    for (int i = 0; i < sentences; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      text.append(pick(SUBJECTS, state >>> 33)).append(' ');
      text.append(pick(VERBS, state >>> 41)).append(' ');
      text.append(pick(OBJECTS, state >>> 49)).append(".\n");
    }
    return Files.writeString(file, text);
  }

  private static String pick(List<String> words, long bits) {
    return words.get((int) (bits % words.size()));
  }
}
