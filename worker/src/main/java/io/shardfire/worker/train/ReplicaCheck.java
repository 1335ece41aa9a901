package io.shardfire.worker.train;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.program.ParameterFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Compares what all ranks hold, which must be the same bits: the parameters that passes read, and
 * master weights and moments where they are not sharded. Ranks exchange a CRC32C (int32) of every
 * tensor, in the order of the units: of the parameters, then of the master weights, then of each
 * moment.
 */
final class ReplicaCheck {
  private static final int CHUNK_FLOATS = 1 << 11;

  /** The other collectives of this phase and a step use 0. */
  private static final int UNIT = 1;

  private final Communicator communicator;
  private final List<Place> places = new ArrayList<>();
  private final ByteBuffer chunk =
      ByteBuffer.allocateDirect(CHUNK_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** A tensor of one of the states, and the unit it belongs to. */
  private record Place(int state, String name, String unit, String tensor, UnitRange range) {}

  /**
   * @param layout of the parameters
   * @param format of those that passes read; but for fp32, there are master weights
   */
  ReplicaCheck(
      Communicator communicator, ShardLayout layout, ParameterFormat format, MomentLayout moments) {
    this.communicator = communicator;
    addPlaces(0, "parameters", layout, format);
    if (moments.sharded()) {
      return;
    }
    int state = 1;
    if (format != ParameterFormat.FP32) {
      addPlaces(state++, "master weights", layout, ParameterFormat.FP32);
    }
    for (String moment : moments.set().names()) {
      addPlaces(state++, moment, moments.layout(), ParameterFormat.FP32);
    }
  }

  private void addPlaces(int state, String name, ShardLayout layout, ParameterFormat format) {
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.decayedFirst()) {
        UnitRange range = format.stored(layout.tensor(tensor.name()));
        places.add(new Place(state, name, unit.name(), tensor.name(), range));
      }
    }
  }

  /**
   * Compares; collective. Nothing happens in a group of one.
   *
   * @param states as {@link RankMemory#state}, all by unit
   * @throws TrainingException on every rank when two differ, naming the ranks, the first tensor
   *     that differs, and the hashes
   */
  void run(long step, List<List<FloatRange>> states) {
    if (communicator.worldSize() == 1) {
      return;
    }
    byte[][] all =
        communicator.allGatherBytes(
            new CollectiveKey(step, Phase.CONTROL, UNIT), hashes(states).array());
    for (int hash = 0; hash < places.size(); hash++) {
      Map<String, List<Integer>> ranks = new TreeMap<>();
      for (int rank = 0; rank < all.length; rank++) {
        int value = ByteBuffer.wrap(all[rank]).getInt(hash * Integer.BYTES);
        ranks.computeIfAbsent(Integer.toHexString(value), unused -> new ArrayList<>()).add(rank);
      }
      if (ranks.size() > 1) {
        throw drifted(step, places.get(hash), ranks);
      }
    }
  }

  private ByteBuffer hashes(List<List<FloatRange>> states) {
    ByteBuffer hashes = ByteBuffer.allocate(places.size() * Integer.BYTES);
    CRC32C hash = new CRC32C();
    for (Place place : places) {
      UnitRange range = place.range();
      FloatRange unit = states.get(place.state()).get(range.unit());
      hash.reset();
      update(hash, unit.slice(range.offset(), range.length()));
      hashes.putInt((int) hash.getValue());
    }
    return hashes;
  }

  private void update(CRC32C hash, FloatRange range) {
    FloatBuffer floats = chunk.clear().asFloatBuffer();
    for (int from = 0; from < range.length(); from += CHUNK_FLOATS) {
      int count = Math.min(CHUNK_FLOATS, range.length() - from);
      floats.clear().put(range.array(), range.offset() + from, count);
      hash.update(chunk.clear().limit(count * Float.BYTES));
    }
  }

  private static TrainingException drifted(
      long step, Place place, Map<String, List<Integer>> ranks) {
    List<String> hashes = new ArrayList<>();
    ranks.forEach((hash, of) -> hashes.add("hash=" + hash + " on ranks " + of));
    return new TrainingException(
        "Ranks that hold copies of the same state hold other bits, so one of them computes or"
            + " remembers wrongly, and no checkpoint is written; look at the memory, processor and"
            + " OpenCL driver of its host, then resume: step="
            + step
            + ", unit="
            + place.unit()
            + ", tensor="
            + place.tensor()
            + ", state="
            + place.name()
            + ", "
            + String.join(", ", hashes));
  }
}
