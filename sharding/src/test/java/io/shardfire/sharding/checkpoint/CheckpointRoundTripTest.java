package io.shardfire.sharding.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardfire.sharding.checkpoint.SampleModel.State;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckpointRoundTripTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource({"1,1", "1,2", "2,3", "3,1", "4,5"})
  void shouldReadTheSameStateAtAnyWorldSize(int writers, int readers) {
    CheckpointStore store = store("run");
    Ranks.save(store, writers, Ranks.ONE_FILE, 3, 7);
    CheckpointReader reader = CheckpointReader.open(store("run"), 7);
    ShardLayout layout = SampleModel.layout(readers);

    List<FloatRange> parameters = filled(layout);
    reader.readParameters(layout, parameters);
    assertSame(SampleModel.units(layout, State.WEIGHT, 7), parameters);

    List<FloatRange> first = filled(layout);
    List<FloatRange> second = filled(layout);
    reader.readMoments(SampleModel.moments(layout), List.of(first, second));
    assertSame(SampleModel.units(layout, State.FIRST, 7), first);
    assertSame(SampleModel.units(layout, State.SECOND, 7), second);
  }

  /** The optimizer's state has tensors of its own, or there is none at all. */
  @ParameterizedTest
  @CsvSource({"1,2,1", "2,3,1", "3,1,1", "2,1,0", "1,3,0"})
  void shouldKeepStateOfAnyShape(int writers, int readers, int count) {
    List<UnitSpec> units =
        SampleModel.UNITS.stream()
            .map(
                unit ->
                    new UnitSpec(
                        unit.name(),
                        List.of(new TensorSpec(unit.name() + ".rows", List.of(701), true))))
            .toList();
    List<String> names = Collections.nCopies(count, "factors");
    MomentSet written = new MomentSet(ShardLayout.of(units, writers), names);
    List<Throwable> failures =
        Ranks.run(
            store("run"),
            writers,
            written,
            Ranks.ONE_FILE,
            true,
            3,
            (writer, layout, rank) -> {
              List<FloatRange> state = filled(written.layout());
              for (FloatRange unit : state) {
                for (int i = 0; i < unit.length(); i++) {
                  unit.array()[unit.offset() + i] = i + 1;
                }
              }
              writer.save(
                  7,
                  SampleModel.units(layout, State.WEIGHT, 7),
                  Collections.nCopies(count, SampleModel.shards(written.layout(), rank, state)),
                  SampleModel.DOCUMENTS);
            });
    assertEquals(Collections.nCopies(writers, null), failures);
    MomentSet read = new MomentSet(ShardLayout.of(units, readers), names);
    CheckpointReader reader = CheckpointReader.open(store("run"), 7);
    reader.requireFits(SampleModel.layout(readers), read);
    List<FloatRange> state = filled(read.layout());
    reader.readMoments(read, Collections.nCopies(count, state));
    for (FloatRange unit : count == 0 ? List.<FloatRange>of() : state) {
      for (int i = 0; i < unit.length(); i++) {
        assertEquals(i < 701 ? i + 1 : 0, unit.array()[unit.offset() + i]);
      }
    }
  }

  @Test
  void shouldReadOnlyTheShardsOfOneRank() {
    CheckpointStore store = store("run");
    Ranks.save(store, 2, Ranks.ONE_FILE, 3, 7);
    ShardLayout layout = SampleModel.layout(3);
    List<FloatRange> expected = SampleModel.units(layout, State.SECOND, 7);
    for (int rank = 0; rank < 3; rank++) {
      List<FloatRange> first = filled(layout);
      List<FloatRange> second = filled(layout);
      CheckpointReader.openVerified(store, 7)
          .readMoments(
              SampleModel.moments(layout),
              rank,
              List.of(
                  SampleModel.shards(layout, rank, first),
                  SampleModel.shards(layout, rank, second)));
      for (int r = 0; r < 3; r++) {
        assertSame(
            SampleModel.shards(layout, r, r == rank ? expected : filled(layout)),
            SampleModel.shards(layout, r, second));
      }
    }
  }

  @Test
  void shouldWriteTheSameWeightBytesForEveryWorldSize() throws Exception {
    // h.0.attn.weight alone is larger than this, and has a file of its own.
    long limit = 101 * 37 * Float.BYTES;
    Map<String, String> expected = null;
    for (int worldSize = 1; worldSize <= 4; worldSize++) {
      CheckpointStore store = store("run" + worldSize);
      Ranks.save(store, worldSize, limit, 3, 7);
      Map<String, String> hashes =
          store.manifest(7).files().stream()
              .filter(file -> !file.name().startsWith("optimizer-"))
              .collect(Collectors.toMap(Manifest.Entry::name, Manifest.Entry::sha256));
      expected = expected == null ? hashes : expected;
      assertEquals(expected, hashes);
    }
    assertEquals(
        new TreeSet<>(
            List.of(
                "config.json",
                "model-00001-of-00004.safetensors",
                "model-00002-of-00004.safetensors",
                "model-00003-of-00004.safetensors",
                "model-00004-of-00004.safetensors",
                "model.safetensors.index.json",
                "tokenizer.json",
                "trainer.json")),
        new TreeSet<>(expected.keySet()));
    Path folder = temporary.resolve("run1/step-00000007");
    JsonNode index =
        new JsonMapper().readTree(Files.readString(folder.resolve("model.safetensors.index.json")));
    assertEquals(8478 * 4, index.at("/metadata/total_size").asLong());
    assertEquals(
        "model-00001-of-00004.safetensors", index.path("weight_map").path("wte.weight").asText());
    assertEquals(
        "model-00004-of-00004.safetensors", index.path("weight_map").path("ln_f.weight").asText());
    try (ModelFolder model =
        ModelFolder.open(new Configuration(false), new org.apache.hadoop.fs.Path(folder.toUri()))) {
      assertEquals(6, model.tensors().size());
      assertEquals(List.of(37L, 111L), model.tensors().get("h.0.attn.weight").shape());
      float[] row = new float[3];
      model.read("h.0.attn.weight", 111, row, 0, 3);
      for (int i = 0; i < 3; i++) {
        assertEquals(SampleModel.value(State.WEIGHT, "h.0.attn.weight", 111 + i, 7), row[i]);
      }
    }
  }

  @Test
  void shouldLeaveAHuggingFaceFolderAndNothingElse() throws IOException {
    Ranks.save(store("run"), 2, Ranks.ONE_FILE, 3, 7);
    try (Stream<Path> files = Files.list(temporary.resolve("run/step-00000007"))) {
      assertEquals(
          List.of(
              "config.json",
              "manifest.json",
              "model.safetensors",
              "optimizer-00000-of-00002.safetensors",
              "optimizer-00001-of-00002.safetensors",
              "tokenizer.json",
              "trainer.json"),
          files.map(path -> path.getFileName().toString()).sorted().toList());
    }
    CheckpointReader reader = CheckpointReader.open(store("run"), 7);
    assertEquals("{\"n_layer\":1}\n", reader.document("config.json"));
    CheckpointException e =
        assertThrows(CheckpointException.class, () -> reader.document("absent.json"));
    assertTrue(e.getMessage().contains("missing file=absent.json"), e.getMessage());
  }

  @Test
  void shouldWriteTheSameBytesWithoutCopies() {
    Ranks.save(store("copies"), 3, Ranks.ONE_FILE, 5, 1);
    Ranks.Rank body =
        (writer, layout, rank) -> {
          Ranks.saveStep(writer, layout, rank, 1);
          writer.flush();
        };
    List<Throwable> failures = Ranks.run(store("live"), 3, Ranks.ONE_FILE, false, 5, body);
    assertEquals(Arrays.asList(null, null, null), failures);
    assertEquals(store("copies").manifest(1).files(), store("live").manifest(1).files());
  }

  @Test
  void shouldWriteWhatTheArraysHeldWhenSaved() {
    CheckpointStore store = store("run");
    List<Throwable> failures =
        Ranks.run(
            store,
            2,
            Ranks.ONE_FILE,
            5,
            (writer, layout, rank) -> {
              List<FloatRange> weights = SampleModel.units(layout, State.WEIGHT, 1);
              List<FloatRange> first = SampleModel.units(layout, State.FIRST, 1);
              List<FloatRange> second = SampleModel.units(layout, State.SECOND, 1);
              writer.save(
                  1,
                  weights,
                  List.of(
                      SampleModel.shards(layout, rank, first),
                      SampleModel.shards(layout, rank, second)),
                  SampleModel.DOCUMENTS);
              Stream.of(weights, first, second)
                  .flatMap(List::stream)
                  .forEach(unit -> Arrays.fill(unit.array(), -1));
              Ranks.saveStep(writer, layout, rank, 2);
            });
    assertEquals(Arrays.asList(null, null), failures);
    for (long step = 1; step <= 2; step++) {
      ShardLayout layout = SampleModel.layout(1);
      List<FloatRange> read = filled(layout);
      CheckpointReader.open(store, step).readParameters(layout, read);
      assertSame(SampleModel.units(layout, State.WEIGHT, step), read);
    }
  }

  @Test
  void shouldNameWhatDoesNotFitTheModel() {
    CheckpointStore store = store("run");
    Ranks.save(store, 1, Ranks.ONE_FILE, 3, 7);
    CheckpointReader reader = CheckpointReader.open(store, 7);
    ShardLayout renamed = changed(new TensorSpec("ln_g.weight", List.of(5), false));
    assertFails(
        "missing=[ln_g.weight], unexpected=[ln_f.weight]",
        () -> reader.readParameters(renamed, filled(renamed)));
    ShardLayout reshaped = changed(new TensorSpec("ln_f.weight", List.of(6), false));
    assertFails(
        "tensor=ln_f.weight, expected shape=[6], actual shape=[5]",
        () -> reader.readParameters(reshaped, filled(reshaped)));
    assertFails(
        "Optimizer state belongs to another model",
        () ->
            reader.readMoments(
                SampleModel.moments(reshaped), List.of(filled(reshaped), filled(reshaped))));
    assertFails(
        "expected moments=[momentum_buffer], actual moments=[exp_avg, exp_avg_sq]; resume with the"
            + " optimizer settings of the checkpoint, or from another one",
        () ->
            reader.requireFits(
                SampleModel.layout(1),
                new MomentSet(SampleModel.layout(1), List.of("momentum_buffer"))));
  }

  private static ShardLayout changed(TensorSpec last) {
    List<UnitSpec> units = new ArrayList<>(SampleModel.UNITS);
    units.set(2, new UnitSpec("head", List.of(last)));
    return ShardLayout.of(units, 1);
  }

  private static void assertFails(String expected, Runnable action) {
    CheckpointException e = assertThrows(CheckpointException.class, action::run);
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private static List<FloatRange> filled(ShardLayout layout) {
    return SampleModel.filled(layout, 9);
  }

  private static void assertSame(List<FloatRange> expected, List<FloatRange> actual) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(
          SampleModel.copy(expected.get(i)), SampleModel.copy(actual.get(i)), "range " + i);
    }
  }

  private CheckpointStore store(String run) {
    return CheckpointStore.open(
        new Configuration(false), new org.apache.hadoop.fs.Path(temporary.resolve(run).toUri()));
  }
}
