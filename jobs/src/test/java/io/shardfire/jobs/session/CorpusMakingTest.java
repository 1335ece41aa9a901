package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.jobs.command.CommandException;
import io.shardfire.jobs.configuration.RunConfiguration;
import io.shardfire.jobs.configuration.RunConfigurationReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CorpusMakingTest {
  @TempDir private Path folder;

  private boolean isDue(String... overrides) throws IOException {
    return CorpusMaking.isDue(new Configuration(), folder.toString(), configuration(overrides));
  }

  private static RunConfiguration configuration(String... overrides) {
    return RunConfigurationReader.read(Optional.empty(), List.of(overrides), new TreeMap<>());
  }

  @Test
  void shouldMakeACorpusOnceAndOnlyWithTheSameSettings() throws IOException {
    assertTrue(isDue("prepare.format=orc"));

    Files.writeString(folder.resolve("index.json"), "{}");
    assertTrue(
        refusal("prepare.format=orc")
            .startsWith("The corpus does not say how it was made: data=" + folder));

    new ObjectMapper()
        .writeValue(
            folder.resolve("provenance.json").toFile(),
            Map.of("settings", configuration("prepare.format=orc").prepare().written()));
    assertFalse(isDue("prepare.format=orc"));
    assertEquals(
        "The corpus was made with other settings: data="
            + folder
            + " prepare.format: corpus orc, asked parquet; prepare.seed: corpus 1337, asked 5."
            + " Leave out --prepare to train on it, choose another data, or make it anew with"
            + " 'shardfire prepare --overwrite'",
        refusal("prepare.format=parquet", "prepare.seed=5"));
  }

  private String refusal(String... overrides) {
    return assertThrows(CommandException.class, () -> isDue(overrides)).getMessage();
  }
}
