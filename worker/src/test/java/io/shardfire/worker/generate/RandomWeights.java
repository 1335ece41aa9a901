package io.shardfire.worker.generate;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.UnitArrays;
import io.shardfire.worker.random.CounterRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Weights that depend on the names of their tensors alone. */
final class RandomWeights {
  private static final double DEVIATION = 0.2;

  private RandomWeights() {}

  /** Fills the units of a layout. */
  static void fill(ShardLayout layout, List<FloatRange> units) {
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        fill(tensor, UnitArrays.tensor(layout, units, tensor.name()));
      }
    }
  }

  private static void fill(TensorSpec tensor, FloatRange range) {
    CounterRandom.fillNormal(
        CounterRandom.mix(5, tensor.name()),
        DEVIATION,
        range.array(),
        range.offset(),
        range.length());
  }

  /** The same, a tensor at a time. */
  static void read(ShardLayout layout, WeightSource.Target target) {
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        FloatRange values = target.place(tensor);
        fill(tensor, values);
        target.written(tensor, values);
      }
    }
  }

  /** The same in double precision, by name. */
  static Map<String, double[]> of(ModelConfiguration model) {
    ShardLayout layout = ShardLayout.of(Architecture.units(model), 1);
    List<FloatRange> units = UnitArrays.of(layout);
    fill(layout, units);
    Map<String, double[]> parameters = new LinkedHashMap<>();
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        FloatRange range = UnitArrays.tensor(layout, units, tensor.name());
        double[] values = new double[range.length()];
        Arrays.setAll(values, i -> range.array()[range.offset() + i]);
        parameters.put(tensor.name(), values);
      }
    }
    return parameters;
  }
}
