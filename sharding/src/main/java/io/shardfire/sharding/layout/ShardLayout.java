package io.shardfire.sharding.layout;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where every unit, tensor and shard lies in the flat parameter array, for one world size. Pure
 * arithmetic, immutable. The same layout serves parameters, gradients and both moments.
 *
 * <pre>
 * unit u, worldSize = 3:
 * | shard of rank 0       | shard of rank 1       | shard of rank 2       |
 * | decayed tensors  |  other tensors      | zero padding               |
 *                                          ^ unpadded length
 * </pre>
 *
 * <p>Unit u occupies [unit offset, + worldSize * shardLength(u)); shardLength is a multiple of
 * {@link #BLOCK}; decayed tensors come first inside a unit; every tensor and unit starts at a
 * multiple of 16 floats from {@link #base()}; padding is zero and stays zero. A tensor's distance
 * from the start of its unit does not depend on the world size, so the blocks of a unit hold the
 * same elements for every world size.
 */
public final class ShardLayout {
  /** Shards are whole blocks, so that block sums do not depend on the world size. */
  public static final int BLOCK = 1024;

  /** Tensors start at multiples of this many floats (one cache line) from the base. */
  public static final int ALIGNMENT = 16;

  /** Floats that one array may hold: a little under 2 GiB, the limit of a device buffer. */
  public static final int MAX_LENGTH = 536_870_000;

  private final List<UnitSpec> units;
  private final int worldSize;
  private final int base;
  private final int length;
  private final List<FlatRange> unitRanges;
  private final List<FlatRange> decayedRanges;
  private final Map<String, FlatRange> tensors;
  private final long parameters;

  private ShardLayout(
      List<UnitSpec> units,
      int worldSize,
      int base,
      int length,
      List<FlatRange> unitRanges,
      List<FlatRange> decayedRanges,
      Map<String, FlatRange> tensors,
      long parameters) {
    this.units = units;
    this.worldSize = worldSize;
    this.base = base;
    this.length = length;
    this.unitRanges = List.copyOf(unitRanges);
    this.decayedRanges = List.copyOf(decayedRanges);
    this.tensors = Map.copyOf(tensors);
    this.parameters = parameters;
  }

  /**
   * Lays units out for {@code worldSize} ranks, starting at float {@code base}.
   *
   * @throws IllegalArgumentException when two tensors share a name, or when the end would lie
   *     beyond {@link #MAX_LENGTH} floats
   */
  public static ShardLayout of(List<UnitSpec> units, int worldSize, int base) {
    if (units.isEmpty() || worldSize < 1 || base < 0) {
      throw new IllegalArgumentException(
          "A layout needs units, ranks and a base from 0: units=%d, worldSize=%d, base=%d"
              .formatted(units.size(), worldSize, base));
    }
    List<FlatRange> unitRanges = new ArrayList<>();
    List<FlatRange> decayedRanges = new ArrayList<>();
    Map<String, FlatRange> tensors = new HashMap<>();
    long parameters = 0;
    long offset = base;
    for (int u = 0; u < units.size(); u++) {
      UnitSpec unit = units.get(u);
      long used = 0;
      long decayed = 0;
      for (TensorSpec tensor : unit.decayedFirst()) {
        long elements = tensor.elements();
        checkEnd(offset + used + elements, units, worldSize, base);
        FlatRange range = new FlatRange((int) (offset + used), (int) elements);
        if (tensors.put(tensor.name(), range) != null) {
          throw new IllegalArgumentException(
              "Two tensors have one name; rename one: tensor=" + tensor.name());
        }
        used += roundUp(elements, ALIGNMENT);
        decayed = tensor.decayed() ? used : decayed;
        parameters += elements;
      }
      long padded = roundUp(used, (long) BLOCK * worldSize);
      checkEnd(offset + padded, units, worldSize, base);
      unitRanges.add(new FlatRange((int) offset, (int) padded));
      decayedRanges.add(new FlatRange((int) offset, (int) decayed));
      offset += padded;
    }
    return new ShardLayout(
        List.copyOf(units),
        worldSize,
        base,
        (int) (offset - base),
        unitRanges,
        decayedRanges,
        tensors,
        parameters);
  }

  private static void checkEnd(long end, List<UnitSpec> units, int worldSize, int base) {
    if (end > MAX_LENGTH) {
      // Summed in double: the exact sum may not fit in a long, and only its size matters here.
      double elements =
          units.stream()
              .flatMap(unit -> unit.tensors().stream())
              .mapToDouble(tensor -> (double) tensor.elements())
              .sum();
      throw new IllegalArgumentException(
          ("The parameters do not fit in one array; use a smaller model: parameters=%.0f,"
                  + " worldSize=%d, base=%d, limit=%d floats")
              .formatted(elements, worldSize, base, MAX_LENGTH));
    }
  }

  private static long roundUp(long value, long multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /** The ranks. */
  public int worldSize() {
    return worldSize;
  }

  /** First float. */
  public int base() {
    return base;
  }

  /** Floats from {@link #base()} to the end, padding included. */
  public int length() {
    return length;
  }

  /** The units, in order. */
  public List<UnitSpec> units() {
    return units;
  }

  /** A unit, padding included. */
  public FlatRange unit(int unit) {
    return unitRanges.get(unit);
  }

  /** The part of a unit that {@code rank} owns. */
  public FlatRange shard(int unit, int rank) {
    checkRank(rank);
    FlatRange range = unit(unit);
    int shardLength = range.length() / worldSize;
    return new FlatRange(range.offset() + rank * shardLength, shardLength);
  }

  /**
   * The tensor's exact elements.
   *
   * @throws IllegalArgumentException for an unknown name
   */
  public FlatRange tensor(String name) {
    FlatRange range = tensors.get(name);
    if (range == null) {
      throw new IllegalArgumentException("The layout has no such tensor: tensor=" + name);
    }
    return range;
  }

  /**
   * The leading part of a unit to which weight decay applies (alignment gaps included); empty when
   * the unit has no decayed tensor.
   */
  public FlatRange decayed(int unit) {
    return decayedRanges.get(unit);
  }

  /**
   * Floats that one rank receives from the others while it sums its shards of all units: what it
   * must hold when the sums of all units are under way at once.
   */
  public long receivedFloats() {
    return (long) (length / worldSize) * (worldSize - 1);
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
