package io.shardfire.worker.architecture;

import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of a family's tensors in its published checkpoints, by the paths of the modules that
 * hold them. Shapes are the published ones too: modules keep their weights as the family does.
 */
final class StateDictionary implements UnaryOperator<String> {
  private static final Pattern LAYER =
      Pattern.compile("(?<kind>[a-z]+)-(?<number>\\d+)\\.(?<rest>.*)");

  private final Map<String, String> modules;

  /**
   * A table.
   *
   * @param modules published name by path, both without the last part, {@code weight} or {@code
   *     bias}, or else of a single parameter; {@code *} stands for the number of a block in both
   */
  StateDictionary(Map<String, String> modules) {
    this.modules = Map.copyOf(modules);
  }

  /** The same, some names being others. */
  StateDictionary with(Map<String, String> others) {
    Map<String, String> all = new HashMap<>(modules);
    all.putAll(others);
    return new StateDictionary(all);
  }

  /**
   * The published name of the tensor at a path such as {@code block-3.attention.input.weight}.
   *
   * @throws IllegalArgumentException when the family has no such tensor
   */
  @Override
  public String apply(String path) {
    int end = path.lastIndexOf('.');
    Matcher layer = LAYER.matcher(path);
    String number = layer.matches() ? layer.group("number") : "";
    String module = path.substring(0, end);
    String key =
        layer.matches()
            ? layer.group("kind") + "-*" + module.substring(module.indexOf('.'))
            : module;
    String parameter = modules.get(path);
    if (parameter != null) {
      return parameter;
    }
    String name = modules.get(key);
    if (name == null) {
      throw new IllegalArgumentException("The family has no name for a tensor: path=" + path);
    }
    return name.replace("*", number) + path.substring(end);
  }
}
