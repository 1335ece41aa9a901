package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class ConfigurationReferenceTest {
  private static final Path PAGE = Path.of("..", "docs", "configuration.md");
  private static final Path KEYS = Path.of("src", "test", "resources", "configuration-keys.txt");

  private final List<Setting> settings =
      ConfigurationReference.known(RunConfiguration.defaults(ModelPreset.standard().shape()));

  @Test
  void shouldBeTheCommittedPage() throws IOException {
    assertEquals(
        Files.readString(PAGE),
        ConfigurationReference.page(),
        "docs/configuration.md is out of date. Build, then:"
            + " scripts/shardfire config --reference > docs/configuration.md");
  }

  /** Files of users have these keys. */
  @Test
  void shouldKeepTheKeys() throws IOException {
    assertEquals(
        Files.readString(KEYS),
        settings.stream().map(Setting::key).collect(Collectors.joining("\n", "", "\n")),
        "The keys of configuration files have changed. What is gone breaks files of users; what is"
            + " new belongs into jobs/"
            + KEYS);
  }

  @Test
  void shouldDescribeEverySettingAndNoOther() {
    settings.forEach(SettingDescription::of);

    assertEquals(
        settings.stream().map(Setting::key).collect(Collectors.toCollection(TreeSet::new)),
        SettingDescription.keys());
  }

  @Test
  void shouldSayTheRangeOfEveryNumber() {
    for (Setting setting : settings) {
      if (setting.value() instanceof Number && !setting.key().endsWith("seed")) {
        assertTrue(
            !SettingDescription.of(setting).range().isEmpty(),
            "Write " + setting.key() + ".range into " + SettingDescription.SOURCE);
      }
    }
  }

  @Test
  void shouldSayWhereADescriptionIsMissing() {
    Setting undescribed = new Setting("model.colour", String.class, "blue");

    assertEquals(
        "No description of a setting: key=model.colour. Write it in"
            + " jobs/src/main/resources/io/shardfire/jobs/configuration/settings.properties:"
            + " model.colour = what it sets",
        assertThrows(IllegalStateException.class, () -> SettingDescription.of(undescribed))
            .getMessage());
  }
}
