package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ConfigurationTextTest {
  private enum Colour {
    DARK_RED
  }

  private record Inner(float small, double large) {}

  private record Outer(
      String text, List<String> list, Colour colour, Optional<Boolean> flag, Inner inner) {}

  @Test
  void shouldWriteWhatPeopleWouldWrite() {
    Outer outer =
        new Outer(
            "hdfs:///a/b.txt",
            List.of("x y", "true", "12"),
            Colour.DARK_RED,
            Optional.empty(),
            new Inner(6e-4f, 1e20));

    assertEquals(
        """
        text: hdfs:///a/b.txt
        list: ["x y", "true", "12"]
        colour: dark-red
        inner:
          small: 0.0006
          large: 1e20
        """,
        ConfigurationText.yaml(outer));
  }

  @Test
  void shouldWriteNumbersShortAndExact() {
    assertEquals("small: 1e-8\nlarge: 0\n", ConfigurationText.yaml(new Inner(1e-8f, 0)));
    assertEquals("small: 1\nlarge: -2.5\n", ConfigurationText.yaml(new Inner(1f, -2.5)));
    assertEquals("small: 0.1\nlarge: 1.25e-7\n", ConfigurationText.yaml(new Inner(0.1f, 1.25e-7)));
  }
}
