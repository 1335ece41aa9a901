package io.shardfire.jobs.session;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The jobs jar of the distribution this JVM was started from. */
final class SubmitJar {
  /** Set by the launcher. */
  private static final String HOME = "shardfire.home";

  private SubmitJar() {}

  /** The jar's path; empty when the JVM was not started by the launcher. */
  static Optional<String> locate() {
    String home = System.getProperty(HOME);
    return home == null ? Optional.empty() : locate(Path.of(home, "lib"));
  }

  static Optional<String> locate(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "shardfire-jobs-*.jar")) {
      for (Path jar : jars) {
        return Optional.of(jar.toUri().toString());
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
