package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.jobs.configuration.RunConfigurationReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExecutorMemoryTest {
  private static final long GIBI = 1L << 30;

  @TempDir Path data;

  @Test
  void shouldLeaveRoomBesideThePlan() {
    assertEquals(1024, ExecutorMemory.mebibytes(0));
    assertEquals(1792, ExecutorMemory.mebibytes(GIBI));
    assertEquals(9088, ExecutorMemory.mebibytes(15 * GIBI / 2));
  }

  @Test
  void shouldTakeTheVocabularyFromTheData() throws IOException {
    Files.writeString(data.resolve("index.json"), "{\"vocabularySize\": 50257}");
    int large = ExecutorMemory.mebibytes(asked("model.width=768"), 2);
    Files.writeString(data.resolve("index.json"), "{\"vocabularySize\": 100}");
    int small = ExecutorMemory.mebibytes(asked("model.width=768"), 2);

    assertTrue(large > small + 500, "large=" + large + ", small=" + small);
  }

  @Test
  void shouldLeaveMissingDataToTheChecksBeforeTheRun() {
    assertEquals(1024, ExecutorMemory.mebibytes(asked("model.width=768"), 2));
  }

  private PretrainConfiguration asked(String override) {
    return RunConfigurationReader.read(
            Optional.empty(),
            List.of("data=" + data, "run=unused", override),
            Collections.emptySortedMap())
        .toPretrain(ExistingRun.REFUSE, false);
  }
}
