package io.shardfire.jobs.configuration;

import io.shardfire.jobs.configuration.Node.Member;
import io.shardfire.jobs.configuration.Node.Scalar;
import io.shardfire.jobs.configuration.Node.Section;
import io.shardfire.jobs.configuration.Node.Sequence;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes records from sections: keys are the names of the components, sections are records inside
 * records, and what is not written keeps the value of a given instance.
 */
final class RecordBinder {
  private final SortedSet<String> knownPaths;

  /**
   * @param knownPaths every path of the configuration, for suggestions
   */
  RecordBinder(SortedSet<String> knownPaths) {
    this.knownPaths = knownPaths;
  }

  /**
   * A record like {@code defaults} with the values of the section.
   *
   * @param path of the section, empty at the top
   * @throws ConfigurationException naming key, value and line
   */
  <R extends Record> R bind(R defaults, Section section, String path) {
    RecordComponent[] components = defaults.getClass().getRecordComponents();
    List<String> names = Arrays.stream(components).map(RecordComponent::getName).toList();
    section
        .members()
        .forEach(
            (key, member) -> {
              if (!names.contains(key)) {
                throw unknown(join(path, key), member.location());
              }
            });
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      RecordComponent component = components[i];
      Object standard = ConfigurationText.value(component, defaults);
      String name = component.getName();
      values[i] = value(component.getGenericType(), standard, section, name, join(path, name));
    }
    return construct(defaults, components, values, section, path);
  }

  private Object value(Type type, Object standard, Section section, String key, String path) {
    if (standard instanceof Record inner) {
      return bind(inner, section.child(key, Location.NONE), path);
    }
    if (standard instanceof Map<?, ?>) {
      Section entries = section.child(key, Location.NONE);
      Type entry = ((ParameterizedType) type).getActualTypeArguments()[1];
      return entry == String.class ? texts(entries, path) : sources(entries, path);
    }
    Member member = section.members().get(key);
    if (member == null) {
      return standard;
    }
    if (type instanceof ParameterizedType generic) {
      Class<?> argument = (Class<?>) generic.getActualTypeArguments()[0];
      return generic.getRawType() == List.class
          ? list(argument, path, member.node())
          : Optional.of(scalar(argument, path, member.node()));
    }
    return scalar((Class<?>) type, path, member.node());
  }

  /** Names and texts, which may be secrets; a name with dots may be written as sections. */
  private static Map<String, String> texts(Section section, String path) {
    Map<String, String> texts = new TreeMap<>();
    section
        .members()
        .forEach(
            (key, member) -> {
              if (member.node() instanceof Section inner) {
                texts(inner, join(path, key))
                    .forEach((rest, text) -> texts.put(join(key, rest), text));
              } else if (member.node() instanceof Scalar scalar) {
                texts.put(key, scalar.text());
              } else {
                scalar(String.class, join(path, key), member.node());
              }
            });
    return texts;
  }

  private static Map<String, SourceSettings> sources(Section section, String path) {
    Map<String, SourceSettings> sources = new LinkedHashMap<>();
    for (String name : section.members().keySet()) {
      String own = join(path, name);
      SortedSet<String> known = new TreeSet<>();
      ConfigurationText.paths(SourceSettings.UNSET).forEach(key -> known.add(join(own, key)));
      sources.put(
          name,
          new RecordBinder(known)
              .bind(SourceSettings.UNSET, section.child(name, Location.NONE), own));
    }
    return sources;
  }

  /** A list; a single value counts as a list of one. */
  private static List<Object> list(Class<?> type, String path, Node node) {
    List<Node> items = node instanceof Sequence sequence ? sequence.items() : List.of(node);
    return items.stream().map(item -> scalar(type, path, item)).toList();
  }

  private static Object scalar(Class<?> type, String path, Node node) {
    if (node instanceof Scalar scalar) {
      return ScalarReader.read(type, path, scalar);
    }
    throw new ConfigurationException(
        path + " must be a single value, not " + node.shown() + node.location().suffix());
  }

  private ConfigurationException unknown(String path, Location location) {
    String remedy =
        NearestKey.of(path, knownPaths)
            .map(nearest -> "did you mean " + nearest + "?")
            .orElse("'shardfire config' lists all keys");
    return new ConfigurationException("Unknown key " + path + location.suffix() + "; " + remedy);
  }

  private static <R extends Record> R construct(
      R defaults, RecordComponent[] components, Object[] values, Section section, String path) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      @SuppressWarnings("unchecked") // getClass() of an R that is a record, hence final
      Class<R> type = (Class<R>) defaults.getClass();
      return type.getConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        String where = path.isEmpty() ? "" : " [section " + path + "]";
        throw new ConfigurationException(
            refused.getMessage() + where + section.location().suffix(), refused);
      }
      throw new IllegalStateException("Cannot make " + defaults.getClass(), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot make " + defaults.getClass(), e);
    }
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
