package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.layout.ShardLayout;

/**
 * Sums each unit's gradients over the ranks as soon as they are final, while the backward pass goes
 * on. Stage 0 leaves the whole sum on every rank, stage 1 each rank's shard of it. Nothing happens
 * in a group of one.
 */
final class GradientReducer {
  private final Communicator communicator;
  private final int zeroStage;
  private final Span[] spans;
  private final Span[] results;
  private final FloatRange[] units;
  private final FloatRange[] shards;
  private final Pending[] pending;

  GradientReducer(Communicator communicator, ShardLayout layout, Arena gradients, int zeroStage) {
    this.communicator = communicator;
    this.zeroStage = zeroStage;
    Span[] owned = UnitRanges.shards(layout, communicator.rank(), gradients);
    this.spans = UnitRanges.units(layout, gradients);
    this.results = zeroStage == 0 ? spans : owned;
    this.units = UnitRanges.onHost(spans);
    this.shards = UnitRanges.onHost(owned);
    this.pending = new Pending[units.length];
  }

  /** Starts the sum of a unit. */
  void start(long step, int unit) {
    if (communicator.worldSize() == 1) {
      return;
    }
    spans[unit].download();
    CollectiveKey key = new CollectiveKey(step, Phase.GRADIENT_REDUCE, unit);
    pending[unit] =
        zeroStage == 0
            ? communicator.allReduce(key, units[unit])
            : communicator.reduceScatter(key, units[unit], shards[unit]);
  }

  /** Waits for all sums started. */
  void await() {
    // The last unit first: its sum was started first.
    for (int unit = pending.length - 1; unit >= 0; unit--) {
      if (pending[unit] != null) {
        pending[unit].await();
        pending[unit] = null;
        results[unit].upload();
      }
    }
  }
}
