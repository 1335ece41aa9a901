package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs the launcher of the built distribution as a user would. */
final class Shardfire {
  /** Longest any one command of these tests may take. */
  static final Duration DEADLINE = Duration.ofMinutes(6);

  private static final Path DISTRIBUTION =
      Path.of(System.getProperty("shardfire.distribution", "not set"));

  private Shardfire() {}

  /** The folder that the build assembled. */
  static Path distribution() {
    if (!Files.isDirectory(DISTRIBUTION.resolve("jars"))) {
      throw new IllegalStateException(
          "Build the distribution first (mvn package): shardfire.distribution=" + DISTRIBUTION);
    }
    return DISTRIBUTION;
  }

  /** Starts a command and returns at once. */
  static RunningCommand start(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(distribution().resolve("bin/shardfire").toString());
    command.addAll(List.of(arguments));
    return start(new ProcessBuilder(command));
  }

  /** Starts any process under the same watch. */
  static RunningCommand start(ProcessBuilder builder) {
    try {
      // Paths without a scheme lie on this machine, whatever cluster it belongs to.
      if (!builder.command().get(0).equals("bash")) {
        builder.environment().keySet().removeAll(List.of("HADOOP_CONF_DIR", "YARN_CONF_DIR"));
      }
      return new RunningCommand(builder.redirectErrorStream(true).start(), builder.command());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start " + builder.command(), e);
    }
  }

  /** Runs a command to its end. */
  static Result run(String... arguments) {
    return start(arguments).await();
  }

  /** Runs a command that must succeed. */
  static Result succeed(String... arguments) {
    Result result = run(arguments);
    assertEquals(0, result.exitCode(), result::transcript);
    return result;
  }

  /** How a command ended; output and errors in one stream, as a terminal shows them. */
  record Result(List<String> command, int exitCode, List<String> lines) {
    String text() {
      return String.join("\n", lines);
    }

    String transcript() {
      return command + " ended with " + exitCode + ":\n" + text();
    }
  }
}
