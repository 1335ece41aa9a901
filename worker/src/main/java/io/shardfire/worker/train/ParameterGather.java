package io.shardfire.worker.train;

import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.program.UnitSpans;
import java.util.List;

/**
 * Collects each unit's updated parameters from the ranks that own its shards, where moments are
 * sharded, in the format that passes read. The gathers go on while later units are updated and the
 * next step begins; whoever reads a unit's parameters awaits it first. Otherwise, and in a group of
 * one, nothing happens.
 *
 * <pre>
 * caller   ... update 0, update 1, update 2 | forward 0, forward 1, forward 2 ...
 * gathers            [0      ][1      ][2      ]
 * </pre>
 */
final class ParameterGather {
  private final Communicator communicator;
  private final boolean gathers;
  private final UnitSpans owned;
  private final Span[][] received;
  private final List<FloatRange> units;
  private final List<FloatRange> shards;
  private final Pending[] pending;

  ParameterGather(Communicator communicator, RankMemoryLayout memoryLayout, RankMemory memory) {
    ShardLayout layout = memoryLayout.layout();
    this.communicator = communicator;
    this.gathers = memoryLayout.moments().sharded();
    UnitSpans whole = memory.parameters();
    this.owned = whole.shards(layout, memoryLayout.format(), communicator.rank());
    this.received = new Span[whole.spans().size()][];
    for (int unit = 0; unit < received.length; unit++) {
      received[unit] = others(whole.unit(unit), owned.unit(unit));
    }
    this.units = whole.onHost();
    this.shards = owned.onHost();
    this.pending = new Pending[received.length];
  }

  /** What comes from other ranks: a unit but for this rank's shard. */
  private static Span[] others(Span unit, Span owned) {
    int before = owned.offset() - unit.offset();
    int after = before + owned.length();
    return new Span[] {unit.slice(0, before), unit.slice(after, unit.length() - after)};
  }

  /** Starts to collect a unit whose own shard is updated. */
  void start(long step, int unit) {
    if (!gathers) {
      return;
    }
    owned.unit(unit).download();
    CollectiveKey key = new CollectiveKey(step, Phase.PARAMETER_GATHER, unit);
    pending[unit] = communicator.allGather(key, shards.get(unit), units.get(unit));
  }

  /** Waits until a unit's parameters are whole. */
  void await(int unit) {
    if (pending[unit] == null) {
      return;
    }
    pending[unit].await();
    pending[unit] = null;
    for (Span span : received[unit]) {
      span.upload();
    }
  }

  /** Waits until all parameters are whole. */
  void await() {
    for (int unit = 0; unit < pending.length; unit++) {
      await(unit);
    }
  }
}
