package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvironmentPlaceholderTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("KEY", "s3cret");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spark.authenticate.secret",
        "spark.hadoop.fs.s3a.access.key",
        "spark.hadoop.javax.jdo.option.ConnectionPassword"
      })
  void shouldTakeSecretsFromTheEnvironment(String key) {
    assertEquals("s3cret", EnvironmentPlaceholder.resolve(key, "${env:KEY}", ENVIRONMENT));
    assertEquals("plain", EnvironmentPlaceholder.resolve(key, "plain", ENVIRONMENT));
  }

  @Test
  void shouldLeaveOtherSettingsAsTheyAre() {
    assertEquals(
        "${env:KEY}", EnvironmentPlaceholder.resolve("spark.local.dir", "${env:KEY}", ENVIRONMENT));
  }

  @Test
  void shouldNameAVariableThatIsMissing() {
    assertEquals(
        "The environment has no variable OTHER, which spark.authenticate.secret names; export it",
        assertThrows(
                ConfigurationException.class,
                () ->
                    EnvironmentPlaceholder.resolve(
                        "spark.authenticate.secret", "${env:OTHER}", ENVIRONMENT))
            .getMessage());
  }

  @Test
  void shouldRefusePlaceholdersInTheConfiguration() {
    List<String> overrides = List.of("data=${env:HOME}/corpus");

    assertEquals(
        "data is no secret, and only secrets are taken from the environment:"
            + " data=${env:HOME}/corpus (--set data=${env:HOME}/corpus); write the value",
        assertThrows(
                ConfigurationException.class,
                () -> RunConfigurationReader.read(Optional.empty(), overrides, new TreeMap<>()))
            .getMessage());
  }
}
