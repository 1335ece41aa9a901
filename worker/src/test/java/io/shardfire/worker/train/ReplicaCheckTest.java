package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.checkpoint.MomentSet;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.program.UnitArrays;
import io.shardfire.worker.random.CounterRandom;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReplicaCheckTest {
  private static final int RANKS = 3;

  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 2, 32, 11).vocabularySize(29).dropout(0.1f).build();

  private static final ShardLayout LAYOUT = ShardLayout.of(Architecture.units(MODEL), RANKS);

  private static final String TENSOR = "transformer.h.1.mlp.c_fc.weight";

  @TempDir Path folder;

  /** Parameters, master weights where there are any, and moments of every rank. */
  private static List<List<List<FloatRange>>> replicas(ParameterFormat format) {
    List<List<List<FloatRange>>> replicas = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      List<List<FloatRange>> states = new ArrayList<>();
      for (int state = 0; state < (format == ParameterFormat.FP32 ? 3 : 4); state++) {
        List<FloatRange> units = UnitArrays.of(LAYOUT);
        for (int unit = 0; unit < units.size(); unit++) {
          float[] floats = units.get(unit).array();
          CounterRandom.fillNormal(CounterRandom.mix(state, unit), 1, floats, 0, floats.length);
        }
        states.add(units);
      }
      replicas.add(states);
    }
    return replicas;
  }

  /** What the ranks say; none of them, or all. */
  private static Set<String> check(
      int stage, ParameterFormat format, List<List<List<FloatRange>>> replicas)
      throws InterruptedException {
    InProcessGroup group = InProcessGroup.of(RANKS, Duration.ofMinutes(1));
    Set<String> said = new ConcurrentSkipListSet<>();
    List<Thread> threads = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      ReplicaCheck check =
          new ReplicaCheck(
              group.communicator(rank),
              LAYOUT,
              format,
              new MomentLayout(
                  new MomentSet(LAYOUT, List.of("exp_avg", "exp_avg_sq")), stage == 1));
      List<List<FloatRange>> mine = replicas.get(rank);
      Thread thread =
          new Thread(
              () -> {
                try {
                  check.run(7, mine);
                  said.add("equal");
                } catch (TrainingException e) {
                  said.add(e.getMessage());
                } catch (RuntimeException e) {
                  said.add(e.toString());
                }
              },
              "rank-" + rank);
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return new TreeSet<>(said);
  }

  /** In a tensor's last element. */
  private static void flip(List<FloatRange> units, ParameterFormat format, String tensor) {
    UnitRange place = format.stored(LAYOUT.tensor(tensor));
    FloatRange range = units.get(place.unit()).slice(place.offset(), place.length());
    int at = range.offset() + range.length() - 1;
    range.array()[at] = Float.intBitsToFloat(Float.floatToRawIntBits(range.array()[at]) ^ 1);
  }

  @ParameterizedTest
  @CsvSource({"0, FP32", "1, FP32", "0, BF16", "1, BF16"})
  void shouldFindEqualReplicasEqual(int stage, ParameterFormat format) throws InterruptedException {
    assertEquals(Set.of("equal"), check(stage, format, replicas(format)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, FP32, 0, parameters",
    "0, FP32, 1, exp_avg",
    "0, FP32, 2, exp_avg_sq",
    "1, FP32, 0, parameters",
    "0, BF16, 0, parameters",
    "0, BF16, 1, master weights",
    "0, BF16, 2, exp_avg",
    "0, BF16, 3, exp_avg_sq",
    "1, BF16, 0, parameters"
  })
  void shouldNameTheRankAndTheTensorOfOneFlippedBit(
      int stage, ParameterFormat format, int array, String state) throws InterruptedException {
    List<List<List<FloatRange>>> replicas = replicas(format);
    ParameterFormat flipped = array == 0 ? format : ParameterFormat.FP32;
    flip(replicas.get(1).get(array), flipped, TENSOR);
    // A later tensor that differs too is not the first.
    flip(replicas.get(2).get(array), flipped, "transformer.ln_f.bias");

    Set<String> said = check(stage, format, replicas);

    assertEquals(1, said.size(), said.toString());
    String message = said.iterator().next();
    Matcher hashes = Pattern.compile("hash=([0-9a-f]+) on ranks (\\[.*?])").matcher(message);
    assertTrue(hashes.find(), message);
    assertTrue(hashes.find(), message);
    assertFalse(hashes.find(), message);
    assertTrue(
        message.startsWith(
            "Ranks that hold copies of the same state hold other bits, so one of them computes or"
                + " remembers wrongly, and no checkpoint is written; look at the memory, processor"
                + " and OpenCL driver of its host, then resume: step=7, unit=block-1, tensor="
                + TENSOR
                + ", state="
                + state
                + ", hash="),
        message);
    assertTrue(message.contains("on ranks [0, 2]") && message.contains("on ranks [1]"), message);
  }

  @ParameterizedTest
  @EnumSource(ParameterFormat.class)
  void shouldLeaveAloneWhatIsSharded(ParameterFormat format) throws InterruptedException {
    List<List<List<FloatRange>>> replicas = replicas(format);
    for (List<FloatRange> state : replicas.get(1).subList(1, replicas.get(1).size())) {
      flip(state, ParameterFormat.FP32, TENSOR);
    }
    assertEquals(Set.of("equal"), check(1, format, replicas));
  }

  /** The flipped bit is in a gradient at stage 0, and in gathered parameters at stage 1. */
  @ParameterizedTest
  @CsvSource({"0, FP32, GRADIENT_REDUCE", "1, FP32, PARAMETER_GATHER", "1, BF16, PARAMETER_GATHER"})
  void shouldEndARunBeforeItsCheckpoint(int stage, ParameterFormat format, Phase phase) {
    Path data = folder.resolve("corpus");
    TestCorpus.write(data, 29, 400, 150);
    Path run = folder.resolve("run");
    TrainingBuilder training = TestTraining.usual();
    training.zeroStage(stage);
    training.parameters(format);
    training.steps(4);
    training.checkpointEvery(1);
    TrainingException e =
        assertThrows(
            TrainingException.class,
            () ->
                TestRun.train(
                    MODEL,
                    training.build(),
                    data,
                    run,
                    "",
                    2,
                    false,
                    List.of(),
                    inner -> new FlippedBit(inner, 1, 3, 2, phase)));
    assertTrue(e.getMessage().contains("step=3, unit=block-1, tensor="), e.getMessage());
    assertTrue(e.getMessage().contains("on ranks [0]"), e.getMessage());
    assertTrue(e.getMessage().contains("on ranks [1]"), e.getMessage());
    assertTrue(Files.exists(run.resolve("step-00000002/manifest.json")), "the one before is kept");
    assertFalse(Files.exists(run.resolve("step-00000003/manifest.json")));
  }
}
