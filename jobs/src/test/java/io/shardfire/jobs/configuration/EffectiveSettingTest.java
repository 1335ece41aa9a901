package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.architecture.ModelConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EffectiveSettingTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void writeFile() throws IOException {
    file = folder.resolve("run.yaml");
    Files.writeString(
        file,
        """
        run: runs/here
        model:
          preset: gpt2-medium
          layers: 3
        training: {steps: 5,
          seed: 7}
        """);
  }

  @Test
  void shouldSayWhereEachValueComesFrom() {
    List<EffectiveSetting> settings =
        explain(List.of("training.steps=6", "cluster.ranks=2"), new TreeMap<>(Map.of("data", "d")));

    assertSetting("runs/here", file + ":1", settings, "run");
    assertSetting("d", "on the command line", settings, "data");
    assertSetting("3", file + ":4", settings, "model.layers");
    assertSetting("1024", "preset gpt2-medium", settings, "model.width");
    assertSetting("6", "--set training.steps=6", settings, "training.steps");
    assertSetting("7", file + ":6", settings, "training.seed");
    assertSetting("2", "--set cluster.ranks=2", settings, "cluster.ranks");
    assertSetting("8", "default", settings, "training.microBatch");
    assertSetting("unset", "default", settings, "prepare.addedTokens");
  }

  @Test
  void shouldNameTheModelThatGivesTheShape() {
    ModelConfiguration shape = ModelPreset.of("llama-nano").orElseThrow().shape();
    List<EffectiveSetting> settings =
        RunConfigurationReader.explain(
            Optional.empty(),
            List.of("from=models/llama"),
            new TreeMap<>(),
            (from, run) -> Optional.of(shape));

    assertSetting("2", "model of from=models/llama", settings, "model.keyValueHeads");
    assertSetting("auto", "default", settings, "device");
  }

  @Test
  void shouldExplainKeysAndSections() {
    List<EffectiveSetting> settings = explain(List.of(), new TreeMap<>());

    assertEquals(
        List.of(
            "training.steps",
            "recovery.maxRestarts",
            "recovery.allowFewerRanks",
            "recovery.replacementTimeoutSeconds"),
        EffectiveSetting.under(List.of("recovery", "training.steps"), settings).stream()
            .map(EffectiveSetting::key)
            .toList());
    assertEquals(
        "Optimizer steps of the run. Unit: steps. Values: 1 or more.",
        setting(settings, "training.steps").description());
    assertTrue(
        setting(settings, "model.norm").description().endsWith(" Values: layer, rms."),
        setting(settings, "model.norm").description());
  }

  @Test
  void shouldSuggestAKeyForAnUnknownOne() {
    List<EffectiveSetting> settings = explain(List.of(), new TreeMap<>());

    assertEquals(
        "Unknown key training.step; did you mean training.steps?",
        assertThrows(
                ConfigurationException.class,
                () -> EffectiveSetting.under(List.of("training.step"), settings))
            .getMessage());
  }

  private List<EffectiveSetting> explain(
      List<String> overrides, SortedMap<String, Object> options) {
    return RunConfigurationReader.explain(
        Optional.of(file), overrides, options, (from, run) -> Optional.empty());
  }

  private static void assertSetting(
      String value, String origin, List<EffectiveSetting> settings, String key) {
    EffectiveSetting setting = setting(settings, key);
    assertEquals(value + " from " + origin, setting.value() + " from " + setting.origin(), key);
  }

  private static EffectiveSetting setting(List<EffectiveSetting> settings, String key) {
    return settings.stream().filter(s -> s.key().equals(key)).findFirst().orElseThrow();
  }
}
