package io.shardfire.worker.program;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.worker.random.CounterRandom;
import java.util.Arrays;
import java.util.List;

/**
 * Writes the initial values of parameters. A value depends only on the seed, its tensor's published
 * name and its position in the tensor.
 */
public final class InitialValues {
  private InitialValues() {}

  /**
   * Fills all tensors of a layout.
   *
   * @param units where each unit lies
   */
  public static void write(
      List<Parameter> parameters, ShardLayout layout, long seed, List<FloatRange> units) {
    for (Parameter parameter : parameters) {
      UnitRange place = layout.tensor(parameter.name());
      FloatRange range = units.get(place.unit()).slice(place.offset(), place.length());
      if (parameter.initial() instanceof Initial.Normal normal) {
        CounterRandom.fillNormal(
            CounterRandom.mix(seed, parameter.name()),
            normal.deviation(),
            range.array(),
            range.offset(),
            range.length());
      } else if (parameter.initial() instanceof Initial.Constant constant) {
        int end = range.offset() + range.length();
        Arrays.fill(range.array(), range.offset(), end, constant.value());
      } else if (parameter.initial() instanceof Initial.Parts parts) {
        int length = range.length() / parts.values().size();
        for (int i = 0; i < range.length(); i++) {
          range.array()[range.offset() + i] = parts.values().get(i / length);
        }
      }
    }
  }
}
