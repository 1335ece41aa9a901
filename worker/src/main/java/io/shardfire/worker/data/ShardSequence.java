package io.shardfire.worker.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The shards of one split as one sequence of tokens. Immutable and thread-safe. */
final class ShardSequence {
  private final TokenStorage[] shards;

  /** Shard i holds the positions from begins[i] to begins[i + 1]; none is empty. */
  private final long[] begins;

  private ShardSequence(TokenStorage[] shards, long[] begins) {
    this.shards = shards;
    this.begins = begins;
  }

  /** Appends shards. */
  static final class Builder {
    private final List<TokenStorage> shards = new ArrayList<>();
    private final List<Long> begins = new ArrayList<>(List.of(0L));

    /** An empty shard is left out, so that each position is in exactly one shard. */
    void add(TokenStorage shard, long tokens) {
      if (tokens > 0) {
        begins.add(Math.addExact(begins.get(shards.size()), tokens));
        shards.add(shard);
      }
    }

    ShardSequence build() {
      return new ShardSequence(
          shards.toArray(TokenStorage[]::new),
          begins.stream().mapToLong(Long::longValue).toArray());
    }
  }

  long tokens() {
    return begins[shards.length];
  }

  /** Ids as whole numbers, across shards; the caller has checked the bounds. */
  void read(long from, float[] destination, int offset, int length) {
    int found = Arrays.binarySearch(begins, from);
    int shard = found >= 0 ? found : -found - 2;
    int done = 0;
    while (done < length) {
      long at = from + done;
      int count = (int) Math.min(length - done, begins[shard + 1] - at);
      shards[shard].read(at - begins[shard], destination, offset + done, count);
      done += count;
      shard++;
    }
  }
}
