package io.shardfire.sharding.collective;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

class InProcessGroupTest extends AbstractCommunicatorTest {
  @Override
  public CommunicatorWorld open(int worldSize, Duration timeout) {
    InProcessGroup group = InProcessGroup.of(worldSize, timeout);
    List<Communicator> communicators =
        IntStream.range(0, worldSize).mapToObj(group::communicator).toList();
    return new CommunicatorWorld() {
      @Override
      public List<Communicator> communicators() {
        return communicators;
      }

      @Override
      public void close() {
        communicators.forEach(Communicator::close);
      }
    };
  }
}
