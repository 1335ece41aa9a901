package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.sharding.layout.UnitSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A small model with odd sizes, and state in which every element is a known function of its tensor
 * and index, and of the step.
 */
final class SampleModel {
  static final List<UnitSpec> UNITS =
      List.of(
          new UnitSpec(
              "embedding",
              List.of(
                  new TensorSpec("wte.weight", List.of(101, 37), true),
                  new TensorSpec("wpe.weight", List.of(13, 37), false))),
          new UnitSpec(
              "h.0",
              List.of(
                  new TensorSpec("h.0.ln.bias", List.of(37), false),
                  new TensorSpec("h.0.attn.weight", List.of(37, 111), true),
                  new TensorSpec("h.0.attn.bias", List.of(111), false))),
          new UnitSpec("head", List.of(new TensorSpec("ln_f.weight", List.of(5), false))));

  static final Map<String, String> DOCUMENTS =
      Map.of(
          "config.json", "{\"n_layer\":1}\n",
          "tokenizer.json", "{}\n",
          "trainer.json", "{\"step\":7}\n");

  private SampleModel() {}

  static ShardLayout layout(int worldSize) {
    return ShardLayout.of(UNITS, worldSize);
  }

  /** Two moments of every parameter. */
  static MomentSet moments(ShardLayout layout) {
    return new MomentSet(layout, List.of("exp_avg", "exp_avg_sq"));
  }

  /** Kinds of state. */
  enum State {
    WEIGHT,
    FIRST,
    SECOND
  }

  static float value(State state, String tensor, int index, long step) {
    int hash = tensor.hashCode() * 31 + index * 17 + state.name().length() * 101 + (int) step;
    return (hash % 9973) / 64f;
  }

  /** Units full of a value: the first in an array of its own, the others in one, at offsets. */
  static List<FloatRange> filled(ShardLayout layout, float value) {
    int first = layout.unit(0).length();
    float[] page = new float[first + 48];
    float[] next = new float[Math.toIntExact(layout.length()) - first + 16];
    Arrays.fill(page, value);
    Arrays.fill(next, value);
    int second = layout.unit(1).length();
    return List.of(
        new FloatRange(page, 48, first),
        new FloatRange(next, 16, second),
        new FloatRange(next, 16 + second, layout.unit(2).length()));
  }

  /** The units of one state; gaps and padding are zero. */
  static List<FloatRange> units(ShardLayout layout, State state, long step) {
    List<FloatRange> units = filled(layout, 0);
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        UnitRange range = layout.tensor(tensor.name());
        FloatRange floats = units.get(range.unit());
        for (int i = 0; i < range.length(); i++) {
          floats.array()[floats.offset() + range.offset() + i] =
              value(state, tensor.name(), i, step);
        }
      }
    }
    return units;
  }

  /** A rank's shard of every unit. */
  static List<FloatRange> shards(ShardLayout layout, int rank, List<FloatRange> units) {
    List<FloatRange> shards = new ArrayList<>();
    for (int unit = 0; unit < units.size(); unit++) {
      UnitRange shard = layout.shard(unit, rank);
      shards.add(units.get(unit).slice(shard.offset(), shard.length()));
    }
    return shards;
  }

  static float[] copy(FloatRange range) {
    return Arrays.copyOfRange(range.array(), range.offset(), range.offset() + range.length());
  }
}
