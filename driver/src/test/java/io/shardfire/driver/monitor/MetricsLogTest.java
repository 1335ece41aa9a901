package io.shardfire.driver.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardfire.sharding.lease.LeaseLostException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir Path run;
  private final ManualClock clock = new ManualClock();
  private final Configuration hadoop = new Configuration();

  private MetricsLog open(String scheme) throws IOException {
    return MetricsLog.open(
        hadoop, new org.apache.hadoop.fs.Path(scheme + "://" + run.toAbsolutePath()), clock);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("metrics"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private String text(String file) throws IOException {
    return Files.readString(run.resolve("metrics").resolve(file));
  }

  @Test
  void shouldWriteOneObjectPerLine() throws IOException {
    try (MetricsLog log = open("file")) {
      log.write("step", new TreeMap<>(Map.of("step", 7L, "loss", 1.25)));
      log.write("evaluation", new TreeMap<>(Map.of("step", 7L, "loss", Double.NaN)));
    }

    assertEquals(
        """
        {"event":"step","time":"2026-01-02T03:04:05Z","loss":1.25,"step":7}
        {"event":"evaluation","time":"2026-01-02T03:04:05Z","loss":"NaN","step":7}
        """,
        text("part-00000.jsonl"));
  }

  @Test
  void shouldWriteNothingBeforeTheFirstEvent() throws IOException {
    open("file").close();
    assertFalse(Files.exists(run.resolve("metrics")));
  }

  @Test
  void shouldLeaveThePartsOfEarlierProcessesAlone() throws IOException {
    for (int step = 0; step < 3; step++) {
      try (MetricsLog log = open("file")) {
        log.write("step", Map.of("step", step));
      }
    }

    assertEquals(List.of("part-00000.jsonl", "part-00001.jsonl", "part-00002.jsonl"), files());
    assertEquals(
        "{\"event\":\"step\",\"time\":\"2026-01-02T03:04:05Z\",\"step\":0}\n",
        text("part-00000.jsonl"));
  }

  @Test
  void shouldPublishTheLinesBeforeACheckpointWithIt() throws IOException {
    try (MetricsLog log = open("file")) {
      log.write("step", Map.of("step", 20));
      assertEquals("", text("part-00000.jsonl"));
      log.write("checkpoint", Map.of("step", 20));
      assertEquals(2, text("part-00000.jsonl").lines().count());
    }
  }

  @Test
  void shouldPublishLinesOfAnOpenFileAfterASecond() throws IOException {
    try (MetricsLog log = open("file")) {
      log.write("step", Map.of("step", 1));
      clock.advance(Duration.ofSeconds(1));
      log.write("step", Map.of("step", 2));
      assertEquals(2, text("part-00000.jsonl").lines().count());
    }
  }

  @Test
  void shouldCloseAPartEveryMinuteWhereOpenFilesCannotBePublished() throws IOException {
    hadoop.setClass("fs.closed.impl", UnpublishedFileSystem.class, RawLocalFileSystem.class);
    hadoop.setBoolean("fs.closed.impl.disable.cache", true);
    try (MetricsLog log = open("closed")) {
      log.write("step", Map.of("step", 1));
      clock.advance(Duration.ofMinutes(1));
      log.write("step", Map.of("step", 2));
      log.write("step", Map.of("step", 3));

      assertEquals(2, text("part-00000.jsonl").lines().count());
      assertEquals(List.of("part-00000.jsonl", "part-00001.jsonl"), files());
    }
  }

  @Test
  void shouldBeginNoPartInAFolderThatIsLost() throws IOException {
    Runnable fence =
        () -> {
          throw new LeaseLostException("The run folder was taken over");
        };
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(run.toUri());
    try (MetricsLog log = MetricsLog.open(hadoop, path, clock, fence)) {
      IOException e = assertThrows(IOException.class, () -> log.write("step", Map.of("step", 1)));
      assertEquals("The run folder was taken over", e.getMessage());
    }
    assertFalse(Files.exists(run.resolve("metrics")));
  }

  @Test
  void shouldTellOfAFullLocalDiskLikeAnyOtherFileSystem() throws IOException {
    assumeTrue(Files.exists(Path.of("/dev/full")));
    Configuration hadoop = new Configuration();
    hadoop.setClass("fs.full-disk.impl", FullFileSystem.class, FileSystem.class);
    MetricsLog log =
        MetricsLog.open(
            hadoop, new org.apache.hadoop.fs.Path("full-disk:///run"), Clock.systemUTC(), () -> {});

    IOException failure =
        assertThrows(IOException.class, () -> log.write(MetricsLog.CHECKPOINT, Map.of()));

    assertEquals("No space left on device", failure.getMessage());
    assertThrows(IOException.class, log::close);
  }
}
