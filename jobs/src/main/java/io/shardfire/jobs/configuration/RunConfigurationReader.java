package io.shardfire.jobs.configuration;

import io.shardfire.jobs.configuration.Node.Member;
import io.shardfire.jobs.configuration.Node.Scalar;
import io.shardfire.jobs.configuration.Node.Section;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/** Makes a {@link RunConfiguration} of defaults, a preset, a file and overrides, in this order. */
public final class RunConfigurationReader {
  private static final String MODEL = "model";
  private static final String PRESET = "preset";

  private RunConfigurationReader() {}

  /**
   * Reads a configuration.
   *
   * @param file YAML; empty for defaults alone
   * @param overrides each {@code path=value}, such as {@code model.layers=6}; the last one wins
   * @param options values of options that stand for a path, by path; they win over all
   * @throws ConfigurationException naming file, line, key and the remedy
   */
  public static RunConfiguration read(
      Optional<Path> file, List<String> overrides, SortedMap<String, Object> options) {
    Section settings =
        file.map(path -> YamlReader.readFile(path.toString(), text(path))).orElse(Section.EMPTY);
    for (String override : overrides) {
      settings = SettingOverride.parse(override).apply(settings);
    }
    for (Map.Entry<String, Object> option : options.entrySet()) {
      settings = SettingOverride.of(option.getKey(), option.getValue()).apply(settings);
    }
    return bind(settings);
  }

  private static RunConfiguration bind(Section settings) {
    ModelPreset preset = ModelPreset.standard();
    Section model = settings.child(MODEL, Location.NONE);
    Member chosen = model.members().get(PRESET);
    if (chosen != null) {
      preset = preset(chosen);
      settings = settings.with(List.of(MODEL), model.without(PRESET));
    }
    RunConfiguration defaults = RunConfiguration.defaults(preset.shape());
    SortedSet<String> known = ConfigurationText.paths(defaults);
    known.add(MODEL + "." + PRESET);
    return new RecordBinder(known).bind(defaults, settings, "");
  }

  private static ModelPreset preset(Member chosen) {
    String name = chosen.node() instanceof Scalar scalar ? scalar.text() : null;
    return Optional.ofNullable(name)
        .flatMap(ModelPreset::of)
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "Unknown model.preset="
                        + chosen.node().shown()
                        + chosen.location().suffix()
                        + "; choose one of "
                        + String.join(", ", ModelPreset.keys())));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new ConfigurationException("Not UTF-8: " + file, e);
    } catch (IOException e) {
      String problem = Files.exists(file) ? "Cannot read" : "No such configuration file:";
      throw new ConfigurationException(problem + " " + file, e);
    }
  }
}
