package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.sharding.collective.AbstractCommunicatorTest;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.CommunicatorWorld;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Phase;
import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;

class NetworkCommunicatorTest extends AbstractCommunicatorTest {
  private static final NetworkConfiguration CONFIGURATION =
      LoopbackWorld.configuration(Duration.ofSeconds(60));

  @Override
  public CommunicatorWorld open(int worldSize, Duration timeout) {
    return LoopbackWorld.open(worldSize, LoopbackWorld.configuration(timeout));
  }

  @RepeatedTest(5)
  void shouldLetEveryRankStopItsNodeRightAfterItsLastCollective() throws Exception {
    LoopbackWorld world = LoopbackWorld.open(3, CONFIGURATION);
    world.onEveryRank(
        c -> {
          float[] data = new float[3 * 5000];
          data[c.rank()] = 1;
          c.allReduce(
                  new CollectiveKey(0, Phase.LOSS, 0),
                  new FloatRange(data, 0, data.length),
                  ElementType.FP32)
              .await();
          assertEquals(1f, data[2]);
          c.broadcast(new CollectiveKey(1, Phase.LOSS, 0), new FloatRange(data, 0, 5000), 1)
              .await();
          c.barrier(new CollectiveKey(2, Phase.CONTROL, 0));
          world.nodes().get(c.rank()).close();
        });
  }
}
