package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.AbstractCommunicatorTest;
import io.shardfire.sharding.collective.CommunicatorWorld;
import java.time.Duration;

class NetworkCommunicatorTest extends AbstractCommunicatorTest {
  @Override
  protected CommunicatorWorld open(int worldSize, Duration timeout) {
    return LoopbackWorld.open(worldSize, LoopbackWorld.configuration(timeout));
  }
}
