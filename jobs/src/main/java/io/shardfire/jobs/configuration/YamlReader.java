package io.shardfire.jobs.configuration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.shardfire.jobs.configuration.Node.Member;
import io.shardfire.jobs.configuration.Node.Scalar;
import io.shardfire.jobs.configuration.Node.Section;
import io.shardfire.jobs.configuration.Node.Sequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads YAML into nodes that remember their lines. Scalars stay text: {@code 1e-3}, {@code 0.001}
 * and {@code "0.001"} are the same, and the key decides the type.
 */
final class YamlReader {
  private static final YAMLFactory FACTORY =
      YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final String source;
  private final boolean lines;

  private YamlReader(String source, boolean lines) {
    this.source = source;
    this.lines = lines;
  }

  /** The top section of a file; empty for an empty file. */
  static Section readFile(String source, String yaml) {
    Node node = new YamlReader(source, true).read(yaml);
    if (node instanceof Section section) {
      return section;
    }
    if (node instanceof Scalar scalar && scalar.text().isEmpty()) {
      return Section.EMPTY;
    }
    throw new ConfigurationException(
        "A configuration file has keys at the top, not " + node.shown() + node.location().suffix());
  }

  /** A value on the command line. */
  static Node readValue(String source, String yaml) {
    return new YamlReader(source, false).read(yaml);
  }

  private Node read(String yaml) {
    try (YAMLParser parser = FACTORY.createParser(yaml)) {
      if (parser.nextToken() == null) {
        return new Scalar("", location(parser));
      }
      Node node = node(parser);
      if (parser.nextToken() != null) {
        throw new ConfigurationException(
            "Only one YAML document is allowed" + location(parser).suffix());
      }
      return node;
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      Location location = new Location(source, lines ? line : 0);
      throw new ConfigurationException(
          "Not valid YAML: " + firstLine(e.getOriginalMessage()) + location.suffix(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Node node(YAMLParser parser) throws IOException {
    Location location = location(parser);
    JsonToken token = parser.currentToken();
    return switch (token) {
      case START_OBJECT -> section(parser, location);
      case START_ARRAY -> {
        List<Node> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(node(parser));
        }
        yield new Sequence(items, location);
      }
      case VALUE_NULL -> new Scalar("", location);
      default -> new Scalar(parser.getText(), location);
    };
  }

  private Section section(YAMLParser parser, Location start) throws IOException {
    Map<String, Member> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      Location location = location(parser);
      parser.nextToken();
      members.put(key, new Member(node(parser), location));
    }
    return new Section(members, start);
  }

  private Location location(YAMLParser parser) {
    return new Location(source, lines ? parser.currentTokenLocation().getLineNr() : 0);
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("").strip();
  }
}
