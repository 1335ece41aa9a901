package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SubmitJarTest {
  @TempDir Path folder;

  @Test
  void shouldFindTheJobsJar() throws IOException {
    Files.createFile(folder.resolve("other.jar"));
    Path jar = Files.createFile(folder.resolve("shardfire-jobs-1.0.jar"));

    assertEquals(Optional.of(jar.toUri().toString()), SubmitJar.locate(folder));
  }

  @Test
  void shouldFindNothingOutsideADistribution() {
    assertEquals(Optional.empty(), SubmitJar.locate(folder));
    assertEquals(Optional.empty(), SubmitJar.locate(folder.resolve("none")));
  }
}
