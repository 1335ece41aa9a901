package io.shardfire.worker.generate;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;

/** Where the weights of a model come from, a tensor at a time. */
@FunctionalInterface
public interface WeightSource {
  /** Hands over every tensor of a layout once. */
  void read(ShardLayout layout, Target target);

  /** Where they go. */
  interface Target {
    /** Where the floats of a tensor are to be written; used until they are. */
    FloatRange place(TensorSpec tensor);

    /** Takes notice that they are there. */
    void written(TensorSpec tensor, FloatRange values);
  }
}
