package io.shardfire.jobs.command;

import io.shardfire.jobs.configuration.RunConfiguration;
import java.util.stream.Stream;

/**
 * How this JVM reads its arguments and names files. The locale in which it was started decides, and
 * nothing can be set right afterwards: in another encoding than UTF-8 letters beyond ASCII are lost
 * or become others, so they are refused.
 *
 * @param name as Java calls it
 */
record NameEncoding(String name) {
  private static final String REMEDY =
      "Start with LC_ALL=C.UTF-8 in the environment; for a driver inside the cluster, set"
          + " spark.yarn.appMasterEnv.LC_ALL or spark.kubernetes.driverEnv.LC_ALL";

  /** That of this JVM. */
  static NameEncoding ofThisJvm() {
    return new NameEncoding(System.getProperty("sun.jnu.encoding", "UTF-8"));
  }

  /**
   * @throws CommandException naming an argument that may not have arrived as it was given
   */
  void checkArguments(String... arguments) {
    for (String argument : arguments) {
      if (!survives(argument)) {
        throw new CommandException(
            "Arguments with letters beyond ASCII need a UTF-8 locale: argument=%s encoding=%s. %s"
                .formatted(argument, name, REMEDY));
      }
    }
  }

  /**
   * @throws CommandException naming a path on this machine that would become another
   */
  void checkPaths(RunConfiguration configuration) {
    Stream.concat(
            Stream.of(
                configuration.data(),
                configuration.run(),
                configuration.from(),
                configuration.prepare().tokenizerPath()),
            configuration.prepare().inputs())
        .filter(path -> !survives(path) && (path.startsWith("file:") || !path.contains(":/")))
        .findFirst()
        .ifPresent(
            path -> {
              throw new CommandException(
                  "Paths with letters beyond ASCII need a UTF-8 locale: path=%s encoding=%s. %s"
                      .formatted(path, name, REMEDY));
            });
  }

  private boolean survives(String text) {
    return text.chars().allMatch(character -> character < 0x80) || isUtf8();
  }

  private boolean isUtf8() {
    return name.equalsIgnoreCase("UTF-8") || name.equalsIgnoreCase("UTF8");
  }
}
