package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.AbstractCommunicatorTest;
import io.shardfire.sharding.collective.CommunicatorWorld;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The whole contract again, authenticated and encrypted with AES. */
class AuthenticatedCommunicatorTest extends AbstractCommunicatorTest {
  @Override
  public CommunicatorWorld open(int worldSize, Duration timeout) {
    Map<String, String> spark = new HashMap<>(LoopbackWorld.CONNECT_AMPLY);
    spark.put("spark.authenticate", "true");
    spark.put("spark.network.crypto.enabled", "true");
    return LoopbackWorld.open(
        worldSize,
        new NetworkConfiguration(
            "127.0.0.1",
            spark,
            "a secret of the tests",
            timeout,
            LoopbackWorld.CHUNK_BYTES,
            true,
            PortRange.ANY));
  }
}
