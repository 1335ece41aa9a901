package io.shardfire.jobs.configuration;

import io.shardfire.jobs.configuration.Node.Member;
import io.shardfire.jobs.configuration.Node.Scalar;
import io.shardfire.jobs.configuration.Node.Section;
import io.shardfire.worker.architecture.ModelConfiguration;
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

  /** The key that is none of the model's own. */
  static final String PRESET_KEY = MODEL + "." + PRESET;

  private static final String FROM = "from";
  private static final String RUN = "run";

  /** Looks up the model that a run begins with. */
  @FunctionalInterface
  public interface StartingModels {
    /**
     * The shape of a run's model.
     *
     * @param from folder that the setting names
     * @param run folder of the run, or empty
     * @return empty where the shape is not known
     */
    Optional<ModelConfiguration> shape(String from, String run);
  }

  private RunConfigurationReader() {}

  /** As below, where no run begins with the weights of a model. */
  public static RunConfiguration read(
      Optional<Path> file, List<String> overrides, SortedMap<String, Object> options) {
    return read(file, overrides, options, (from, run) -> Optional.empty());
  }

  /**
   * Reads a configuration.
   *
   * @param file YAML; empty for defaults alone
   * @param overrides each {@code path=value}, such as {@code model.layers=6}; the last one wins
   * @param options values of options that stand for a path, by path; they win over all
   * @param models the shape of the model that the setting from names, where there is one and no
   *     preset is chosen; empty for that of the standard preset
   * @throws ConfigurationException naming file, line, key and the remedy
   */
  public static RunConfiguration read(
      Optional<Path> file,
      List<String> overrides,
      SortedMap<String, Object> options,
      StartingModels models) {
    return bind(settings(file, overrides, options), models);
  }

  /** As {@link #read}: every setting that a job would run with, and who said so. */
  public static List<EffectiveSetting> explain(
      Optional<Path> file,
      List<String> overrides,
      SortedMap<String, Object> options,
      StartingModels models) {
    Section settings = settings(file, overrides, options);
    SettingOrigins origins = new SettingOrigins(settings);
    return Setting.of(bind(settings, models)).stream()
        .map(setting -> EffectiveSetting.of(setting, origins.of(setting.key())))
        .toList();
  }

  private static Section settings(
      Optional<Path> file, List<String> overrides, SortedMap<String, Object> options) {
    Section settings =
        file.map(path -> YamlReader.readFile(path.toString(), text(path))).orElse(Section.EMPTY);
    for (String override : overrides) {
      settings = SettingOverride.parse(override).apply(settings);
    }
    for (Map.Entry<String, Object> option : options.entrySet()) {
      settings = SettingOverride.of(option.getKey(), option.getValue()).apply(settings);
    }
    return settings;
  }

  private static RunConfiguration bind(Section settings, StartingModels models) {
    ModelConfiguration shape = ModelPreset.standard().shape();
    Section model = settings.child(MODEL, Location.NONE);
    Member chosen = model.members().get(PRESET);
    if (chosen != null) {
      shape = preset(chosen).shape();
      settings = settings.with(List.of(MODEL), model.without(PRESET));
    } else if (!text(settings, FROM).isBlank()) {
      shape = models.shape(text(settings, FROM), text(settings, RUN)).orElse(shape);
    }
    RunConfiguration defaults = RunConfiguration.defaults(shape);
    SortedSet<String> known = ConfigurationText.paths(defaults);
    known.add(PRESET_KEY);
    return new RecordBinder(known).bind(defaults, settings, "");
  }

  /** A setting at the top that is a text; empty where it is not set. */
  private static String text(Section settings, String key) {
    Member member = settings.members().get(key);
    return member != null && member.node() instanceof Scalar scalar ? scalar.text() : "";
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
