package io.shardfire.jobs.configuration;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code ${env:NAME}}: a secret that the environment has, so that it stands in no file and no list
 * of processes. Settings that are no secrets have no placeholders, so that a configuration says
 * all.
 */
public final class EnvironmentPlaceholder {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{env:([A-Za-z_][A-Za-z0-9_]*)}");

  /** What Spark keeps out of its own pages and logs: spark.redaction.regex. */
  private static final Pattern SECRET =
      Pattern.compile("secret|password|token|access[.]?key", Pattern.CASE_INSENSITIVE);

  /** A secret inside an address: {@code ...?password=x} or {@code //user:x@host}. */
  private static final Pattern IN_ADDRESS =
      Pattern.compile(
          "(secret|password|token|access[.]?key)\\s*=|//[^/@:]+:[^/@]+@", Pattern.CASE_INSENSITIVE);

  private EnvironmentPlaceholder() {}

  /**
   * The secrets among a source's options. None may stand in the configuration, which is printed and
   * recorded.
   *
   * @param prefix of the options' keys, for messages
   * @return the options that are placeholders, with the values that the environment has
   * @throws ConfigurationException when a secret is written out, or the environment lacks a
   *     variable
   */
  static Map<String, String> secrets(
      String prefix, Map<String, String> options, Map<String, String> environment) {
    Map<String, String> secrets = new TreeMap<>();
    options.forEach(
        (name, value) -> {
          Matcher placeholder = PLACEHOLDER.matcher(value);
          if (placeholder.matches()) {
            secrets.put(name, variable(placeholder.group(1), prefix + name, environment));
          } else if (SECRET.matcher(name).find() || IN_ADDRESS.matcher(value).find() || in(value)) {
            throw new ConfigurationException(
                prefix
                    + name
                    + " holds a secret, which would be recorded with the corpus; let an option of its"
                    + " own be ${env:NAME}, and export the variable NAME");
          }
        });
    return secrets;
  }

  /** Whether a text holds one. */
  static boolean in(String text) {
    return PLACEHOLDER.matcher(text).find();
  }

  /**
   * The value of a Spark setting. Where the key is no secret's it stays as it is, placeholders
   * included, of which Spark has some of its own.
   *
   * @throws ConfigurationException when the environment lacks the variable of a secret
   */
  public static String resolve(String key, String value, Map<String, String> environment) {
    Matcher placeholder = PLACEHOLDER.matcher(value);
    if (!SECRET.matcher(key).find() || !placeholder.matches()) {
      return value;
    }
    return variable(placeholder.group(1), key, environment);
  }

  private static String variable(String name, String key, Map<String, String> environment) {
    String secret = environment.get(name);
    if (secret == null) {
      throw new ConfigurationException(
          "The environment has no variable " + name + ", which " + key + " names; export it");
    }
    return secret;
  }
}
