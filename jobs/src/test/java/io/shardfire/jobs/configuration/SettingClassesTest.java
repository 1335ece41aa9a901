package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.worker.resume.SettingClass;
import io.shardfire.worker.resume.SettingClasses;
import io.shardfire.worker.resume.SettingText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of classes beside the keys that a configuration has, and beside its documentation. */
final class SettingClassesTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "resuming.md");
  private static final Pattern KEY = Pattern.compile("`([a-z]+(?:\\.[a-zA-Z0-9]+)?)`");

  @Test
  void shouldClassEveryKeyOfAConfigurationAndNoOther() {
    SortedSet<String> keys =
        ConfigurationText.paths(
            RunConfigurationReader.read(Optional.empty(), List.of(), Collections.emptySortedMap()));
    TreeSet<String> settings = new TreeSet<>();
    for (String key : keys) {
      boolean section = keys.stream().anyMatch(other -> other.startsWith(key + "."));
      // Settings of prepare made the corpus, which is compared as such.
      if (!section && !key.startsWith("prepare.")) {
        settings.add(key);
      }
    }
    TreeSet<String> classed = new TreeSet<>();
    for (SettingClass type : SettingClass.values()) {
      SettingClasses.keys(type).stream()
          .filter(key -> !key.startsWith(SettingClasses.CORPUS))
          .forEach(classed::add);
    }

    assertEquals(settings, classed);
  }

  @Test
  void shouldDocumentEveryKeyUnderItsClass() throws IOException {
    for (SettingClass type : SettingClass.values()) {
      assertEquals(SettingClasses.keys(type), documented(type), type.toString());
    }
  }

  /** Keys in the table below the heading that names a class. */
  private static List<String> documented(SettingClass type) throws IOException {
    List<String> keys = new ArrayList<>();
    boolean below = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      if (line.startsWith("## ")) {
        below = line.endsWith("(" + SettingText.name(type) + ")");
      } else if (below && line.startsWith("| ")) {
        Matcher key = KEY.matcher(line.split("\\|", -1)[1]);
        while (key.find()) {
          keys.add(key.group(1));
        }
      }
    }
    return keys;
  }
}
