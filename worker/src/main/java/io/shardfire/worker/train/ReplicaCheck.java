package io.shardfire.worker.train;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.sharding.layout.UnitSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Compares what all ranks hold, which must be the same bits: the parameters, and at stage 0 the
 * moments too. Ranks exchange a CRC32C of every tensor:
 *
 * <pre>
 * per tensor, in the order of the units    parameters   first moment   second moment
 *                                          int32        int32          int32          (stage 0)
 * </pre>
 */
final class ReplicaCheck {
  private static final int CHUNK_FLOATS = 1 << 11;

  /** The other collectives of this phase and a step use 0. */
  private static final int UNIT = 1;

  private final Communicator communicator;
  private final ShardLayout layout;
  private final List<String> states;
  private final List<Place> places = new ArrayList<>();
  private final ByteBuffer chunk =
      ByteBuffer.allocateDirect(CHUNK_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /** A tensor and the unit it belongs to. */
  private record Place(String unit, String tensor, UnitRange range) {}

  ReplicaCheck(Communicator communicator, MomentLayout moments) {
    this.communicator = communicator;
    this.layout = moments.layout();
    this.states =
        moments.sharded()
            ? List.of("parameters")
            : List.of("parameters", "first moment", "second moment");
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.decayedFirst()) {
        places.add(new Place(unit.name(), tensor.name(), layout.tensor(tensor.name())));
      }
    }
  }

  /**
   * Compares; collective. Nothing happens in a group of one.
   *
   * @param parameters by unit, as are the moments where they are replicated
   * @throws TrainingException on every rank when two differ, naming the ranks, the first tensor
   *     that differs, and the hashes
   */
  void run(
      long step,
      List<FloatRange> parameters,
      List<FloatRange> firstMoment,
      List<FloatRange> secondMoment) {
    if (communicator.worldSize() == 1) {
      return;
    }
    List<List<FloatRange>> replicated =
        List.of(parameters, firstMoment, secondMoment).subList(0, states.size());
    byte[][] all =
        communicator.allGatherBytes(
            new CollectiveKey(step, Phase.CONTROL, UNIT), hashes(replicated).array());
    for (int hash = 0; hash < places.size() * states.size(); hash++) {
      Map<String, List<Integer>> ranks = new TreeMap<>();
      for (int rank = 0; rank < all.length; rank++) {
        int value = ByteBuffer.wrap(all[rank]).getInt(hash * Integer.BYTES);
        ranks.computeIfAbsent(Integer.toHexString(value), unused -> new ArrayList<>()).add(rank);
      }
      if (ranks.size() > 1) {
        throw drifted(
            step, places.get(hash / states.size()), states.get(hash % states.size()), ranks);
      }
    }
  }

  private ByteBuffer hashes(List<List<FloatRange>> replicated) {
    ByteBuffer hashes = ByteBuffer.allocate(places.size() * replicated.size() * Integer.BYTES);
    CRC32C hash = new CRC32C();
    for (Place place : places) {
      UnitRange range = place.range();
      for (List<FloatRange> units : replicated) {
        hash.reset();
        update(hash, units.get(range.unit()).slice(range.offset(), range.length()));
        hashes.putInt((int) hash.getValue());
      }
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
      long step, Place place, String state, Map<String, List<Integer>> ranks) {
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
            + state
            + ", "
            + String.join(", ", hashes));
  }
}
