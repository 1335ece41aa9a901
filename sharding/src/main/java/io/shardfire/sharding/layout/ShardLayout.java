package io.shardfire.sharding.layout;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where tensors and shards lie in their units, for one world size. Where a unit lies is not said
 * here: whoever keeps units may keep each in another array. Pure arithmetic, immutable. The same
 * layout serves parameters, gradients and both moments.
 *
 * <pre>
 * unit u, worldSize = 3:
 * | shard of rank 0       | shard of rank 1       | shard of rank 2       |
 * | decayed tensors  |  other tensors      | zero padding               |
 *                                          ^ unpadded length
 * </pre>
 *
 * <p>Unit u has worldSize * shardLength(u) floats; shardLength is a multiple of {@link #BLOCK};
 * decayed tensors come first inside a unit; every tensor starts at a multiple of {@link #ALIGNMENT}
 * floats; padding is zero and stays zero. A tensor's place in its unit does not depend on the world
 * size, so the blocks of a unit hold the same elements for every world size.
 */
public final class ShardLayout {
  /** Shards are whole blocks, so that block sums do not depend on the world size. */
  public static final int BLOCK = 1024;

  /** Tensors start at multiples of this many floats (one cache line). */
  public static final int ALIGNMENT = 16;

  /** Floats of a unit at most: a little under 2 GiB, the limit of a device buffer. */
  public static final int MAX_LENGTH = 536_870_000;

  private final List<UnitSpec> units;
  private final int worldSize;
  private final List<UnitRange> unitRanges;
  private final List<UnitRange> decayedRanges;
  private final Map<String, UnitRange> tensors;
  private final long parameters;

  private ShardLayout(
      List<UnitSpec> units,
      int worldSize,
      List<UnitRange> unitRanges,
      List<UnitRange> decayedRanges,
      Map<String, UnitRange> tensors,
      long parameters) {
    this.units = units;
    this.worldSize = worldSize;
    this.unitRanges = List.copyOf(unitRanges);
    this.decayedRanges = List.copyOf(decayedRanges);
    this.tensors = Map.copyOf(tensors);
    this.parameters = parameters;
  }

  /**
   * Lays units out for {@code worldSize} ranks.
   *
   * @throws IllegalArgumentException when two tensors share a name, or when a unit would have more
   *     than {@link #MAX_LENGTH} floats
   */
  public static ShardLayout of(List<UnitSpec> units, int worldSize) {
    if (units.isEmpty() || worldSize < 1) {
      throw new IllegalArgumentException(
          "A layout needs units and ranks: units=%d, worldSize=%d"
              .formatted(units.size(), worldSize));
    }
    List<UnitRange> unitRanges = new ArrayList<>();
    List<UnitRange> decayedRanges = new ArrayList<>();
    Map<String, UnitRange> tensors = new HashMap<>();
    long parameters = 0;
    for (int u = 0; u < units.size(); u++) {
      UnitSpec unit = units.get(u);
      long used = 0;
      long decayed = 0;
      for (TensorSpec tensor : unit.decayedFirst()) {
        long elements = tensor.elements();
        checkLength(unit, used + elements, worldSize);
        UnitRange range = new UnitRange(u, (int) used, (int) elements);
        if (tensors.put(tensor.name(), range) != null) {
          throw new IllegalArgumentException(
              "Two tensors have one name; rename one: tensor=" + tensor.name());
        }
        used += roundUp(elements, ALIGNMENT);
        decayed = tensor.decayed() ? used : decayed;
        parameters += elements;
      }
      long padded = roundUp(used, (long) BLOCK * worldSize);
      checkLength(unit, padded, worldSize);
      unitRanges.add(new UnitRange(u, 0, (int) padded));
      decayedRanges.add(new UnitRange(u, 0, (int) decayed));
    }
    return new ShardLayout(
        List.copyOf(units), worldSize, unitRanges, decayedRanges, tensors, parameters);
  }

  private static void checkLength(UnitSpec unit, long length, int worldSize) {
    if (length > MAX_LENGTH) {
      // Summed in double: the exact sum may not fit in a long, and only its size matters here.
      double elements =
          unit.tensors().stream().mapToDouble(tensor -> (double) tensor.elements()).sum();
      throw new IllegalArgumentException(
          ("A unit of the model does not fit in one array; use a narrower model or a smaller"
                  + " vocabulary: unit=%s, parameters=%.0f, worldSize=%d, limit=%d floats")
              .formatted(unit.name(), elements, worldSize, MAX_LENGTH));
    }
  }

  private static long roundUp(long value, long multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /** The ranks. */
  public int worldSize() {
    return worldSize;
  }

  /** Floats of all units, padding included. */
  public long length() {
    return unitRanges.stream().mapToLong(UnitRange::length).sum();
  }

  /** The units, in order. */
  public List<UnitSpec> units() {
    return units;
  }

  /** A unit, padding included. */
  public UnitRange unit(int unit) {
    return unitRanges.get(unit);
  }

  /** The part of a unit that {@code rank} owns. */
  public UnitRange shard(int unit, int rank) {
    checkRank(rank);
    int shardLength = unit(unit).length() / worldSize;
    return new UnitRange(unit, rank * shardLength, shardLength);
  }

  /**
   * The tensor's exact elements.
   *
   * @throws IllegalArgumentException for an unknown name
   */
  public UnitRange tensor(String name) {
    UnitRange range = tensors.get(name);
    if (range == null) {
      throw new IllegalArgumentException("The layout has no such tensor: tensor=" + name);
    }
    return range;
  }

  /**
   * The leading part of a unit to which weight decay applies (alignment gaps included); empty when
   * the unit has no decayed tensor.
   */
  public UnitRange decayed(int unit) {
    return decayedRanges.get(unit);
  }

  /**
   * Floats that one rank receives from the others while it sums its shards of all units: what it
   * must hold when the sums of all units are under way at once.
   */
  public long receivedFloats() {
    return length() / worldSize * (worldSize - 1);
  }

  /** Sum of all tensors' elements. */
  public long parameters() {
    return parameters;
  }

  private void checkRank(int rank) {
    if (rank < 0 || rank >= worldSize) {
      throw new IllegalArgumentException(
          "The layout has no such rank: rank=" + rank + ", worldSize=" + worldSize);
    }
  }
}
