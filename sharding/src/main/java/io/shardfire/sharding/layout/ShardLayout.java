package io.shardfire.sharding.layout;

import java.util.List;

/**
 * Where every unit, tensor and shard lies in the flat parameter array, for one world size. Pure
 * arithmetic, immutable. The same layout serves parameters, gradients and both moments.
 *
 * <p>Unit u occupies [unit offset, + worldSize * shardLength(u)); shardLength is a multiple of
 * {@link #BLOCK}; decayed tensors come first inside a unit; every tensor and unit starts at a
 * multiple of 16 floats from {@link #base()}; padding is zero and stays zero.
 */
public final class ShardLayout {
  /** Shards are whole blocks, so that block sums do not depend on the world size. */
  public static final int BLOCK = 1024;

  private ShardLayout() {}

  /** Lays units out for {@code worldSize} ranks, starting at float {@code base}. */
  public static ShardLayout of(List<UnitSpec> units, int worldSize, int base) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The ranks. */
  public int worldSize() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** First float. */
  public int base() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Floats from {@link #base()} to the end, padding included. */
  public int length() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The units, in order. */
  public List<UnitSpec> units() {
    throw new UnsupportedOperationException("skeleton");
  }

  /** A unit, padding included. */
  public FlatRange unit(int unit) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The part of a unit that {@code rank} owns. */
  public FlatRange shard(int unit, int rank) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The tensor's exact elements. @throws IllegalArgumentException for an unknown name */
  public FlatRange tensor(String name) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** The leading part of a unit to which weight decay applies (alignment gaps included). */
  public FlatRange decayed(int unit) {
    throw new UnsupportedOperationException("skeleton");
  }

  /**
   * Number of the first block of a unit's shard, counted over unpadded units: the same for every
   * world size.
   */
  public long firstBlock(int unit, int rank) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Sum of all tensors' elements. */
  public long parameters() {
    throw new UnsupportedOperationException("skeleton");
  }
}
