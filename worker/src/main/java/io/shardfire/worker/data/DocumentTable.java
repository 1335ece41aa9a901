package io.shardfire.worker.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the documents of a split stand among its tokens. In a corpus of pairs, pair i is the
 * documents 2i, its source, and 2i + 1, its target. Reads by offset, so that a table takes no
 * memory of its own. Thread-safe.
 */
public final class DocumentTable {
  private final TokenStorage[] shards;

  /** Shard i holds the documents from firstDocuments[i] to firstDocuments[i + 1]; none is empty. */
  private final long[] firstDocuments;

  /** Likewise their tokens. */
  private final long[] firstTokens;

  private DocumentTable(TokenStorage[] shards, long[] firstDocuments, long[] firstTokens) {
    this.shards = shards;
    this.firstDocuments = firstDocuments;
    this.firstTokens = firstTokens;
  }

  /** Appends shards. */
  static final class Builder {
    private final List<TokenStorage> shards = new ArrayList<>();
    private final List<Long> firstDocuments = new ArrayList<>(List.of(0L));
    private final List<Long> firstTokens = new ArrayList<>(List.of(0L));

    /** A shard without documents is left out. */
    void add(TokenStorage shard, long documents, long tokens) {
      if (documents > 0) {
        firstDocuments.add(Math.addExact(firstDocuments.get(shards.size()), documents));
        firstTokens.add(Math.addExact(firstTokens.get(shards.size()), tokens));
        shards.add(shard);
      }
    }

    DocumentTable build() {
      return new DocumentTable(
          shards.toArray(TokenStorage[]::new), longs(firstDocuments), longs(firstTokens));
    }

    private static long[] longs(List<Long> values) {
      return values.stream().mapToLong(Long::longValue).toArray();
    }
  }

  /** Documents in the split. */
  public long documents() {
    return firstDocuments[shards.length];
  }

  /** Position of a document's first token. */
  public long begin(long document) {
    int shard = shardOf(firstDocuments, document);
    return document == firstDocuments[shard]
        ? firstTokens[shard]
        : firstTokens[shard] + shards[shard].value(document - 1 - firstDocuments[shard]);
  }

  /** Position after a document's last token. */
  public long end(long document) {
    int shard = shardOf(firstDocuments, document);
    return firstTokens[shard] + shards[shard].value(document - firstDocuments[shard]);
  }

  /** The document that holds the token at a position: the first that ends behind it. */
  public long at(long position) {
    int shard = shardOf(firstTokens, position);
    long inShard = position - firstTokens[shard];
    long low = 0;
    long high = firstDocuments[shard + 1] - firstDocuments[shard] - 1;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (shards[shard].value(middle) > inShard) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return firstDocuments[shard] + low;
  }

  private int shardOf(long[] firsts, long value) {
    if (value < 0 || value >= firsts[shards.length]) {
      throw new IllegalArgumentException(
          "Outside the split: value=" + value + ", limit=" + firsts[shards.length]);
    }
    int found = Arrays.binarySearch(firsts, value);
    return found >= 0 ? found : -found - 2;
  }
}
