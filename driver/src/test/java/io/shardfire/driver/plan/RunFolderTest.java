package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir Path folder;

  @Test
  void shouldDeleteOnlyWhatARunWrites() throws IOException {
    Files.createDirectories(folder.resolve("step-00000100/inner"));
    Files.createDirectories(folder.resolve("step-backup"));
    Files.createDirectories(folder.resolve("metrics"));
    Files.writeString(folder.resolve("metrics/part-00000.jsonl"), "{}");
    Files.writeString(folder.resolve("notes.txt"), "mine");
    RunFolder run = RunFolder.of(new Configuration(), folder.toString());
    assertEquals(2, run.content().size());

    run.clear();

    assertEquals(List.of(), run.content());
    assertFalse(Files.exists(folder.resolve("step-00000100")));
    assertFalse(Files.exists(folder.resolve("metrics")));
    assertTrue(Files.exists(folder.resolve("step-backup")));
    assertTrue(Files.exists(folder.resolve("notes.txt")));
  }

  @Test
  void shouldNameTheNewestCheckpointFirstAndNotTheLease() throws IOException {
    for (String name : List.of("metrics", "step-00000100", "lease", "step-00000200")) {
      Files.createDirectories(folder.resolve(name));
    }
    RunFolder run = RunFolder.of(new Configuration(), folder.toString());

    assertEquals(
        List.of("step-00000200", "step-00000100", "metrics"),
        run.content().stream().map(path -> path.getName()).toList());
  }
}
