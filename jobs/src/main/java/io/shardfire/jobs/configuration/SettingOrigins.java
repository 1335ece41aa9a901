package io.shardfire.jobs.configuration;

import io.shardfire.jobs.configuration.Node.Member;
import io.shardfire.jobs.configuration.Node.Scalar;
import io.shardfire.jobs.configuration.Node.Section;
import java.util.Optional;

/**
 * Tells who set a setting.
 *
 * @param written what files, overrides and options say
 */
record SettingOrigins(Section written) {
  private static final String MODEL = "model.";
  private static final String FROM = "from";

  /** The file and line, the override, the option, the preset or the model to begin with. */
  String of(String key) {
    Optional<Member> member = find(key);
    if (member.isPresent()) {
      return member.get().location().shown();
    }
    if (!key.startsWith(MODEL)) {
      return "default";
    }
    return text(RunConfigurationReader.PRESET_KEY)
        .map(preset -> "preset " + preset)
        .or(() -> text(FROM).map(from -> "model of from=" + from))
        .orElse("default");
  }

  private Optional<String> text(String key) {
    return find(key)
        .map(Member::node)
        .filter(node -> node instanceof Scalar scalar && !scalar.text().isBlank())
        .map(Node::shown);
  }

  private Optional<Member> find(String key) {
    Section section = written;
    String rest = key;
    for (int dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.')) {
      section = section.child(rest.substring(0, dot), Location.NONE);
      rest = rest.substring(dot + 1);
    }
    return Optional.ofNullable(section.members().get(rest));
  }
}
