package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Pending;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.sharding.layout.UnitSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a node holds for its peers' contributions, against what a memory plan counts. */
class ReceiveBuffersTest {
  private static final int RANKS = 3;

  private static final ShardLayout LAYOUT =
      ShardLayout.of(
          List.of(unit("embedding", 9001), unit("block-0", 5000), unit("block-1", 5000)), RANKS);

  private static UnitSpec unit(String name, int elements) {
    return new UnitSpec(name, List.of(new TensorSpec(name + ".w", List.of(elements), true)));
  }

  /** Two steps, so that buffers are used again; the ranks issue every unit before they wait. */
  @ParameterizedTest
  @CsvSource({"true, FP32", "false, FP32", "true, BF16", "false, BF16"})
  void shouldHoldWhatThePlanCounts(boolean scatters, ElementType type) throws Exception {
    try (LoopbackWorld world =
        LoopbackWorld.open(RANKS, LoopbackWorld.configuration(Duration.ofSeconds(60)))) {
      world.onEveryRank(
          rank -> {
            for (int step = 0; step < 2; step++) {
              List<Pending> open = new ArrayList<>();
              for (int unit = LAYOUT.units().size() - 1; unit >= 0; unit--) {
                CollectiveKey key = new CollectiveKey(step, Phase.GRADIENT_REDUCE, unit);
                int length = LAYOUT.unit(unit).length();
                FloatRange whole = new FloatRange(new float[length], 0, length);
                UnitRange own = LAYOUT.shard(unit, rank.rank());
                FloatRange shard = whole.slice(own.offset(), own.length());
                open.add(
                    scatters
                        ? rank.reduceScatter(key, whole, shard, type)
                        : rank.allReduce(key, whole, type));
              }
              open.forEach(Pending::await);
            }
            rank.barrier(new CollectiveKey(9, Phase.CONTROL, 0));
          });
      for (NetworkNode node : world.nodes()) {
        // Units of one length may have shared buffers when one ended before the next began.
        long held = node.buffers().floats();
        long most = LAYOUT.receivedFloats();
        long least = most - (RANKS - 1L) * LAYOUT.shard(2, 0).length();
        assertTrue(held >= least && held <= most, held + " of " + least + " to " + most);
      }
    }
  }
}
