package io.shardfire.jobs.configuration;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A piece of configuration as it was written, before types are known. Immutable. */
sealed interface Node {
  /** Where it was written. */
  Location location();

  /** How errors show it. */
  String shown();

  /** A single value; {@code text} is empty where the file has a key without a value. */
  record Scalar(String text, Location location) implements Node {
    @Override
    public String shown() {
      return text.isEmpty() ? "nothing" : text;
    }
  }

  /** A list. */
  record Sequence(List<Node> items, Location location) implements Node {
    /** Copies. */
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String shown() {
      return "a list";
    }
  }

  /** Keys with values, in the order they were written. */
  record Section(Map<String, Member> members, Location location) implements Node {
    /** No keys. */
    static final Section EMPTY = new Section(Map.of(), Location.NONE);

    /** Copies, in order. */
    public Section {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    @Override
    public String shown() {
      return "a section";
    }

    /** This section with one value put at {@code path}, replacing what was there. */
    Section with(List<String> path, Node value) {
      String key = path.get(0);
      Node inner = value;
      if (path.size() > 1) {
        inner = child(key, value.location()).with(path.subList(1, path.size()), value);
      }
      Map<String, Member> changed = new LinkedHashMap<>(members);
      changed.put(key, new Member(inner, value.location()));
      return new Section(changed, location);
    }

    /** This section without a key. */
    Section without(String key) {
      Map<String, Member> changed = new LinkedHashMap<>(members);
      changed.remove(key);
      return new Section(changed, location);
    }

    /** The section under a key; an empty one when there is nothing. */
    Section child(String key, Location asked) {
      Member member = members.get(key);
      if (member == null || (member.node() instanceof Scalar scalar && scalar.text().isEmpty())) {
        return new Section(Map.of(), member == null ? asked : member.location());
      }
      if (member.node() instanceof Section section) {
        return section;
      }
      Location location = asked.source().isEmpty() ? member.location() : asked;
      throw new ConfigurationException(
          key
              + " is a section with keys of its own, not "
              + member.node().shown()
              + location.suffix());
    }
  }

  /** A value and where its key was written. */
  record Member(Node node, Location location) {}
}
