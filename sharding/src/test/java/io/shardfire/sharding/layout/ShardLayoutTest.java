package io.shardfire.sharding.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardLayoutTest {
  private static final List<UnitSpec> UNITS =
      List.of(
          new UnitSpec("embedding", List.of(tensor("tokens", true, 101, 12))),
          new UnitSpec(
              "block0",
              List.of(
                  tensor("norm", false, 12),
                  tensor("attention", true, 12, 37),
                  tensor("bias", false, 37),
                  tensor("mlp", true, 37, 48))),
          new UnitSpec("head", List.of(tensor("scale", false, 5))));

  private static TensorSpec tensor(String name, boolean decayed, Integer... shape) {
    return new TensorSpec(name, List.of(shape), decayed);
  }

  @Test
  void shouldPlaceDecayedTensorsFirstAtAlignedOffsets() {
    ShardLayout layout = ShardLayout.of(UNITS, 2);

    assertEquals(new UnitRange(0, 0, 2048), layout.unit(0));
    assertEquals(new UnitRange(1, 0, 4096), layout.unit(1));
    assertEquals(new UnitRange(2, 0, 2048), layout.unit(2));
    assertEquals(new UnitRange(1, 0, 12 * 37), layout.tensor("attention"));
    assertEquals(new UnitRange(1, 448, 37 * 48), layout.tensor("mlp"));
    assertEquals(new UnitRange(1, 448 + 1776, 12), layout.tensor("norm"));
    assertEquals(new UnitRange(1, 448 + 1776 + 16, 37), layout.tensor("bias"));
    assertEquals(new UnitRange(1, 0, 448 + 1776), layout.decayed(1));
    assertEquals(new UnitRange(2, 0, 0), layout.decayed(2));
    assertEquals(2048 + 4096 + 2048, layout.length());
    assertEquals(101 * 12 + 12 + 444 + 37 + 1776 + 5, layout.parameters());
    assertEquals(new UnitRange(1, 2048, 2048), layout.shard(1, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8})
  void shouldPartitionUnitsIntoWholeBlockShards(int worldSize) {
    for (int seed = 0; seed < 20; seed++) {
      ShardLayout layout = ShardLayout.of(randomUnits(seed), worldSize);
      long length = 0;
      for (int u = 0; u < layout.units().size(); u++) {
        int shardStart = 0;
        for (int rank = 0; rank < worldSize; rank++) {
          UnitRange shard = layout.shard(u, rank);
          assertEquals(shardStart, shard.offset());
          assertEquals(0, shard.length() % ShardLayout.BLOCK);
          shardStart = shard.end();
        }
        assertEquals(layout.unit(u).length(), shardStart);
        length += shardStart;
      }
      assertEquals(length, layout.length());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8})
  void shouldKeepTensorsApartAlignedAndInsideTheirUnit(int worldSize) {
    for (int seed = 0; seed < 20; seed++) {
      ShardLayout layout = ShardLayout.of(randomUnits(seed), worldSize);
      long elements = 0;
      for (int u = 0; u < layout.units().size(); u++) {
        UnitRange unit = layout.unit(u);
        List<UnitRange> ranges = new ArrayList<>();
        for (TensorSpec tensor : layout.units().get(u).tensors()) {
          UnitRange range = layout.tensor(tensor.name());
          assertEquals(u, range.unit());
          assertEquals(tensor.elements(), range.length());
          assertEquals(0, range.offset() % ShardLayout.ALIGNMENT);
          assertEquals(tensor.decayed(), range.offset() < layout.decayed(u).end());
          ranges.add(range);
          elements += range.length();
        }
        ranges.sort(Comparator.comparingInt(UnitRange::offset));
        assertTrue(ranges.get(0).offset() >= unit.offset());
        assertTrue(ranges.get(ranges.size() - 1).end() <= unit.end());
        for (int i = 1; i < ranges.size(); i++) {
          assertTrue(ranges.get(i - 1).end() <= ranges.get(i).offset());
        }
      }
      assertEquals(elements, layout.parameters());
    }
  }

  @Test
  void shouldRefuseAUnitThatNoArrayHolds() {
    List<UnitSpec> units =
        List.of(
            new UnitSpec("small", List.of(tensor("bias", true, 5))),
            new UnitSpec("huge", List.of(tensor("weights", true, 50_000, 50_000))));

    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> ShardLayout.of(units, 3));

    assertEquals(
        "A unit of the model does not fit in one array; use a narrower model or a smaller vocabulary:"
            + " unit=huge, parameters=2500000000, worldSize=3, limit=536870000 floats",
        error.getMessage());
  }

  @Test
  void shouldRefuseWhenOnlyPaddingGoesBeyondTheLimit() {
    List<UnitSpec> units =
        List.of(new UnitSpec("large", List.of(tensor("weights", true, 536_860_000))));

    assertEquals(536_860_672, ShardLayout.of(units, 1).length());
    assertThrows(IllegalArgumentException.class, () -> ShardLayout.of(units, 64));
  }

  @Test
  void shouldCountBeyondOneArray() {
    List<UnitSpec> units =
        IntStream.range(0, 13)
            .mapToObj(i -> new UnitSpec("u" + i, List.of(tensor("w" + i, true, 1024, 500_000))))
            .toList();
    ShardLayout layout = ShardLayout.of(units, 2);
    assertEquals(13 * 512_000_000L, layout.length());
    assertEquals(13 * 512_000_000L, layout.parameters());
    assertEquals(13 * 256_000_000L, layout.receivedFloats());
  }

  @Test
  void shouldNameUnknownAndRepeatedTensors() {
    ShardLayout layout = ShardLayout.of(UNITS, 1);
    List<UnitSpec> twice =
        List.of(
            new UnitSpec("a", List.of(tensor("w", true, 3))),
            new UnitSpec("b", List.of(tensor("w", true, 3))));

    assertEquals(
        "The layout has no such tensor: tensor=missing",
        assertThrows(IllegalArgumentException.class, () -> layout.tensor("missing")).getMessage());
    assertEquals(
        "Two tensors have one name; rename one: tensor=w",
        assertThrows(IllegalArgumentException.class, () -> ShardLayout.of(twice, 1)).getMessage());
    assertEquals(
        "The layout has no such rank: rank=1, worldSize=1",
        assertThrows(IllegalArgumentException.class, () -> layout.shard(0, 1)).getMessage());
  }

  private static List<UnitSpec> randomUnits(int seed) {
    Random random = new Random(seed);
    List<UnitSpec> units = new ArrayList<>();
    int count = 1 + random.nextInt(6);
    for (int u = 0; u < count; u++) {
      List<TensorSpec> tensors = new ArrayList<>();
      int inUnit = 1 + random.nextInt(5);
      for (int t = 0; t < inUnit; t++) {
        tensors.add(
            tensor(
                u + "." + t,
                random.nextBoolean(),
                1 + random.nextInt(70),
                1 + random.nextInt(150)));
      }
      units.add(new UnitSpec("unit" + u, tensors));
    }
    return units;
  }
}
