package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.AbstractCommunicatorTest;
import io.shardfire.sharding.collective.CommunicatorWorld;
import java.time.Duration;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The whole contract again, with chunks left in shared memory. */
@EnabledOnOs(OS.LINUX)
class SharedMemoryCommunicatorTest extends AbstractCommunicatorTest {
  @Override
  public CommunicatorWorld open(int worldSize, Duration timeout) {
    return LoopbackWorld.open(worldSize, LoopbackWorld.sharing(timeout));
  }
}
