package io.shardfire.worker.train;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.program.UnitSpans;
import java.util.List;

/**
 * Sums each unit's gradients over the ranks as soon as they are final, while the backward pass goes
 * on: each rank's shard of the sum, where that is what it updates, or the whole sum on every rank.
 * Nothing happens in a group of one. What a rank contributes is the sum of its own logical shards;
 * where that travels in bf16, the bits of the sum depend on how many of them a rank has.
 */
final class GradientReducer {
  private final Communicator communicator;
  private final boolean sharded;
  private final ElementType exchange;
  private final UnitSpans gradients;
  private final UnitSpans results;
  private final List<FloatRange> units;
  private final List<FloatRange> shards;
  private final Pending[] pending;

  GradientReducer(
      Communicator communicator,
      ShardLayout layout,
      UnitSpans gradients,
      boolean sharded,
      ElementType exchange) {
    this.communicator = communicator;
    this.sharded = sharded;
    this.exchange = exchange;
    UnitSpans owned = gradients.shards(layout, communicator.rank());
    this.gradients = gradients;
    this.results = sharded ? owned : gradients;
    this.units = gradients.onHost();
    this.shards = owned.onHost();
    this.pending = new Pending[units.size()];
  }

  /** Starts the sum of a unit. */
  void start(long step, int unit) {
    if (communicator.worldSize() == 1) {
      return;
    }
    gradients.unit(unit).download();
    CollectiveKey key = new CollectiveKey(step, Phase.GRADIENT_REDUCE, unit);
    pending[unit] =
        sharded
            ? communicator.reduceScatter(key, units.get(unit), shards.get(unit), exchange)
            : communicator.allReduce(key, units.get(unit), exchange);
  }

  /** Waits for all sums started. */
  void await() {
    // The last unit first: its sum was started first.
    for (int unit = pending.length - 1; unit >= 0; unit--) {
      if (pending[unit] != null) {
        pending[unit].await();
        pending[unit] = null;
        results.unit(unit).upload();
      }
    }
  }
}
