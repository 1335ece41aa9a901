package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
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

  /** Starts at an offset, as arenas do. */
  static ShardLayout layout(int worldSize) {
    return ShardLayout.of(UNITS, worldSize, 48);
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

  /** The array of one state; gaps and padding are zero. */
  static float[] array(ShardLayout layout, State state, long step) {
    float[] array = new float[layout.base() + layout.length()];
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        FlatRange range = layout.tensor(tensor.name());
        for (int i = 0; i < range.length(); i++) {
          array[range.offset() + i] = value(state, tensor.name(), i, step);
        }
      }
    }
    return array;
  }
}
