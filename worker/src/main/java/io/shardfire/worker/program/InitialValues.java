package io.shardfire.worker.program;

import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.random.CounterRandom;
import java.util.Arrays;
import java.util.List;

/**
 * Writes the initial values of parameters. A value depends only on the seed, its tensor's published
 * name and its position in the tensor.
 */
public final class InitialValues {
  private InitialValues() {}

  /** Fills all tensors of a layout in {@code array}. */
  public static void write(
      List<Parameter> parameters, ShardLayout layout, long seed, float[] array) {
    for (Parameter parameter : parameters) {
      FlatRange range = layout.tensor(parameter.name());
      if (parameter.initial() instanceof Initial.Normal normal) {
        CounterRandom.fillNormal(
            CounterRandom.mix(seed, parameter.name()),
            normal.deviation(),
            array,
            range.offset(),
            range.length());
      } else if (parameter.initial() instanceof Initial.Constant constant) {
        Arrays.fill(array, range.offset(), range.end(), constant.value());
      }
    }
  }
}
