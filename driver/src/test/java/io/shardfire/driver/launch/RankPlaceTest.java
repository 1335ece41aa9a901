package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.sharding.transport.PeerAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RankPlaceTest {
  private static RankPlace place(int partition, String host, String executorId) {
    return new RankPlace(partition, executorId, new PeerAddress(host, 7000 + partition));
  }

  @Test
  void shouldKeepRanksOfAHostTogetherAndOrderExecutorsAsNumbers() {
    List<RankPlace> places =
        List.of(place(0, "b", "2"), place(1, "a", "10"), place(2, "b", "0"), place(3, "a", "9"));

    List<RankPlace> byRank =
        RankPlace.byRank(places.stream().map(RankPlace::toJson).toArray(String[]::new));

    assertEquals(List.of(3, 1, 2, 0), byRank.stream().map(RankPlace::partition).toList());
    assertEquals(2, places.get(2).rankIn(byRank));
  }

  @Test
  void shouldOrderThreadsOfOneProcessByPartition() {
    String[] messages =
        Stream.of(place(1, "a", "driver"), place(0, "a", "driver"))
            .map(RankPlace::toJson)
            .toArray(String[]::new);

    assertEquals(
        List.of(0, 1), RankPlace.byRank(messages).stream().map(RankPlace::partition).toList());
  }

  @Test
  void shouldRefuseAnAnswerThatIsNotAPlace() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> RankPlace.byRank(new String[] {"nonsense"}));
    assertEquals("A rank's place is not readable: json=nonsense", e.getMessage());
  }
}
