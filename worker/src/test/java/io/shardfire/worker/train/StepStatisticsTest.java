package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.InProcessGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepStatisticsTest {
  private static final int RANKS = 3;

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 6, 16, 17, 18})
  void shouldPutThePartsOfMessagesTogether(int partBytes) {
    byte[][] messages = new byte[RANKS][17];
    for (int rank = 0; rank < RANKS; rank++) {
      for (int i = 0; i < messages[rank].length; i++) {
        messages[rank][i] = (byte) (rank * 50 + i);
      }
    }
    InProcessGroup group = InProcessGroup.of(RANKS, Duration.ofMinutes(1));
    ExecutorService threads = Executors.newFixedThreadPool(RANKS);
    try {
      List<CompletableFuture<byte[][]>> ranks =
          IntStream.range(0, RANKS)
              .mapToObj(
                  rank ->
                      CompletableFuture.supplyAsync(
                          () -> {
                            try (Communicator communicator = group.communicator(rank)) {
                              return StepStatistics.gather(
                                  communicator, 3, messages[rank], partBytes);
                            }
                          },
                          threads))
              .toList();
      ranks.forEach(rank -> assertArrayEquals(messages, rank.join()));
    } finally {
      threads.shutdown();
    }
  }
}
