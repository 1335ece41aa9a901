package io.shardfire.driver.launch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.sharding.transport.PeerAddress;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the task of one partition runs; ranks exchange these as JSON through Spark's barrier
 * coordinator.
 */
record RankPlace(int partition, String executorId, PeerAddress address) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The order of the ranks: ranks of one host get neighbouring numbers, so that the tree of a
   * collective crosses as few host boundaries as it can. Executor ids compare by length first
   * because they are numbers.
   */
  private static final Comparator<RankPlace> ORDER =
      Comparator.comparing((RankPlace place) -> place.address().host())
          .thenComparing(place -> place.executorId().length())
          .thenComparing(RankPlace::executorId)
          .thenComparing(RankPlace::partition);

  /** All places in the order of the ranks; every rank computes the same order. */
  static List<RankPlace> byRank(String[] messages) {
    return Stream.of(messages).map(RankPlace::fromJson).sorted(ORDER).toList();
  }

  /** This task's rank among {@code places}. */
  int rankIn(List<RankPlace> places) {
    int rank = places.indexOf(this);
    if (rank < 0) {
      throw new IllegalStateException(
          "The barrier's answer lacks this task: place=" + this + ", places=" + places);
    }
    return rank;
  }

  String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A place cannot be written as JSON: place=" + this, e);
    }
  }

  private static RankPlace fromJson(String json) {
    try {
      return JSON.readValue(json, RankPlace.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("A rank's place is not readable: json=" + json, e);
    }
  }
}
