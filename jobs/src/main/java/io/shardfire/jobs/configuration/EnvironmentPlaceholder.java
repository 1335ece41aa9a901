package io.shardfire.jobs.configuration;

import java.util.Map;
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

  private EnvironmentPlaceholder() {}

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
    String name = placeholder.group(1);
    String secret = environment.get(name);
    if (secret == null) {
      throw new ConfigurationException(
          "The environment has no variable " + name + ", which " + key + " names; export it");
    }
    return secret;
  }
}
