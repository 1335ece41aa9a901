package io.shardfire.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.corpus.TokenizerKind;
import io.shardfire.driver.plan.RankHeap;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.train.MemoryPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every file of {@code configs/} can start at every number of ranks that it names, with the memory
 * that it names, in two lines of its leading comment:
 *
 * <pre>
 * # Ranks:                  1, 2, 4
 * # Memory of each in GiB:  3, 2, 1
 * </pre>
 */
final class ShippedConfigurationsTest {
  private static final Path FOLDER = Path.of("..", "configs");
  private static final long GIBI = 1L << 30;

  /** More characters than any text of the kind has. */
  private static final int CHARACTERS = 10_000;

  static Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList().stream();
    }
  }

  @Test
  void shouldFindTheShippedFiles() throws IOException {
    assertEquals(
        List.of(
            "gpt2-124m.yaml",
            "modern-nano.yaml",
            "nanogpt-cpu.yaml",
            "numbers.yaml",
            "quickstart.yaml",
            "rows.yaml"),
        files().map(file -> file.getFileName().toString()).toList());
  }

  @ParameterizedTest
  @MethodSource("files")
  void shouldPlanEveryRankCountThatTheFileNames(Path file) throws IOException {
    RunConfiguration configuration =
        RunConfigurationReader.read(Optional.of(file), List.of(), Collections.emptySortedMap());
    int vocabulary =
        configuration.prepare().tokenizer() == TokenizerKind.CHAR
            ? CHARACTERS
            : configuration.prepare().vocabularySize();
    ModelConfiguration model = configuration.model().withVocabularySize(vocabulary);
    List<Integer> ranks = documented(file, "Ranks");
    List<Integer> memory = documented(file, "Memory of each in GiB");
    assertEquals(ranks.size(), memory.size(), "a memory for every number of ranks: " + file);

    List<Long> needed =
        ranks.stream()
            .map(count -> MemoryPlan.of(model, configuration.training(), count))
            .map(plan -> new RankHeap(0, 1, "unused").needed(plan, false))
            .toList();

    assertEquals(
        needed.stream().map(bytes -> (int) ((bytes + GIBI - 1) / GIBI)).toList(),
        memory,
        file + ": bytes needed=" + needed);
    if (configuration.cluster().ranks() != 0) {
      assertTrue(ranks.contains(configuration.cluster().ranks()), file.toString());
    }
  }

  @Test
  void shouldNameEveryRankCountThatSharesTheShardsOfTheLargeModel() throws IOException {
    Path file = FOLDER.resolve("gpt2-124m.yaml");
    RunConfiguration configuration =
        RunConfigurationReader.read(Optional.of(file), List.of(), Collections.emptySortedMap());
    int shards = configuration.training().logicalShards();
    assertEquals(64, shards);
    assertEquals(
        IntStream.rangeClosed(1, shards).filter(n -> shards % n == 0).boxed().toList(),
        documented(file, "Ranks"));
    assertEquals(
        512,
        shards * configuration.training().microBatch() * configuration.training().accumulation(),
        "sequences a step");
    assertEquals(1024, configuration.model().context());
  }

  private static List<Integer> documented(Path file, String what) throws IOException {
    Matcher line =
        Pattern.compile("(?m)^# " + what + ": +(\\d+(?:, \\d+)*)$").matcher(Files.readString(file));
    assertTrue(line.find(), file + " does not say: # " + what + ": ...");
    return Stream.of(line.group(1).split(", ")).map(Integer::valueOf).toList();
  }
}
