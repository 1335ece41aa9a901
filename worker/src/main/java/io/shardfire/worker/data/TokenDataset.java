package io.shardfire.worker.data;

import io.shardfire.sharding.checkpoint.PlainFiles;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A prepared corpus (token shards with their index), read by global token position: the shards of a
 * split, in the order of the index, form one sequence. Thread-safe.
 *
 * <p>Ids become floats, which hold whole numbers exactly up to 2^24.
 */
public final class TokenDataset implements AutoCloseable {
  /** Most heap that the ids take, where the corpus cannot be mapped. */
  public static final long WINDOW_BYTES =
      (long) TokenBlocks.BLOCKS * TokenBlocks.BLOCK_TOKENS * Integer.BYTES;

  private static final int LARGEST_TOKENIZER = 1 << 28;
  private static final int LARGEST_VOCABULARY = 1 << 24;

  private final TokenIndex index;
  private final String tokenizerJson;
  private final Map<TokenSplit, ShardSequence> splits;
  private final TokenBlocks blocks;
  private volatile boolean closed;

  private TokenDataset(
      TokenIndex index,
      String tokenizerJson,
      Map<TokenSplit, ShardSequence> splits,
      TokenBlocks blocks) {
    this.index = index;
    this.tokenizerJson = tokenizerJson;
    this.splits = splits;
    this.blocks = blocks;
  }

  /**
   * Opens the index, checks headers, sizes, checksums and the vocabulary hash. Split data is mapped
   * when local; else it is read once for the checksums, and then by offset, a bounded window at a
   * time.
   *
   * @throws DataException when the corpus is absent or damaged: names file, expected, actual
   */
  public static TokenDataset open(Configuration configuration, Path folder) {
    return open(configuration, folder, TokenBlocks.BLOCK_TOKENS);
  }

  static TokenDataset open(Configuration configuration, Path folder, int blockTokens) {
    TokenIndex index = TokenIndex.read(configuration, folder);
    if (index.vocabularySize() > LARGEST_VOCABULARY) {
      throw new DataException(
          "Vocabulary is too large for ids as floats: folder="
              + folder
              + ", vocabularySize="
              + index.vocabularySize()
              + ", limit="
              + LARGEST_VOCABULARY);
    }
    FileSystem files = PlainFiles.fileSystem(configuration, folder);
    String tokenizer = readTokenizer(configuration, folder, index);
    TokenBlocks blocks = new TokenBlocks(files, blockTokens);
    Map<TokenSplit, ShardSequence> splits = new EnumMap<>(TokenSplit.class);
    for (TokenSplit split : TokenSplit.values()) {
      splits.put(split, openSplit(files, folder, index, split, blocks));
    }
    return new TokenDataset(index, tokenizer, splits, blocks);
  }

  /** The index. */
  public TokenIndex index() {
    return index;
  }

  /** Text of the folder's tokenizer.json. */
  public String tokenizerJson() {
    return tokenizerJson;
  }

  /** As {@code Tokenizer.vocabularyHash()}. */
  public String vocabularyHash() {
    return index.vocabularyHash();
  }

  /** Ids are below this. */
  public int vocabularySize() {
    return index.vocabularySize();
  }

  /** Tokens in a split. */
  public long tokens(TokenSplit split) {
    return splits.get(split).tokens();
  }

  /**
   * Writes {@code length} ids from position {@code from} as floats (whole numbers).
   *
   * @throws IllegalArgumentException when the split has fewer tokens than that
   * @throws DataException when a file cannot be read any more, naming it and the offset
   */
  public void read(TokenSplit split, long from, float[] destination, int offset, int length) {
    if (closed) {
      throw new IllegalStateException("The dataset is closed");
    }
    Objects.checkFromIndexSize(offset, length, destination.length);
    ShardSequence sequence = splits.get(split);
    if (from < 0 || from > sequence.tokens() - length) {
      throw new IllegalArgumentException(
          "Position outside the split: split="
              + split
              + ", from="
              + from
              + ", length="
              + length
              + ", tokens="
              + sequence.tokens());
    }
    sequence.read(from, destination, offset, length);
  }

  @Override
  public void close() {
    closed = true;
    blocks.close();
  }

  /**
   * Reads the tokenizer.json of a corpus.
   *
   * @throws DataException when there is none, or it is not the one that made the ids
   */
  public static String readTokenizer(Configuration configuration, Path folder, TokenIndex index) {
    Path path = new Path(folder, TokenIndex.TOKENIZER_FILE);
    try {
      FileSystem files = PlainFiles.fileSystem(configuration, folder);
      String json = PlainFiles.readText(files, path, LARGEST_TOKENIZER);
      String actual = TokenizerJson.vocabularyHash(json);
      if (!actual.equals(index.vocabularyHash())) {
        throw new DataException(
            "Tokenizer is not the one that made the token shards: file="
                + path
                + ", expected hash="
                + index.vocabularyHash()
                + ", actual hash="
                + actual
                + "; prepare the corpus anew");
      }
      return json;
    } catch (FileNotFoundException e) {
      throw new DataException(
          "The corpus has no tokenizer: missing file=" + path + "; prepare the corpus anew", e);
    } catch (IOException | IllegalArgumentException e) {
      throw new DataException(
          "Tokenizer cannot be read: file=" + path + ", problem=" + e.getMessage(), e);
    }
  }

  private static ShardSequence openSplit(
      FileSystem files, Path folder, TokenIndex index, TokenSplit split, TokenBlocks blocks) {
    ShardSequence.Builder sequence = new ShardSequence.Builder();
    for (TokenIndex.Shard shard : index.shards()) {
      if (shard.split() == split) {
        TokenStorage storage =
            openShard(files, new Path(folder, shard.file()), index, shard, blocks);
        sequence.add(storage, shard.tokens());
      }
    }
    return sequence.build();
  }

  private static TokenStorage openShard(
      FileSystem files, Path path, TokenIndex index, TokenIndex.Shard shard, TokenBlocks blocks) {
    try {
      FileStatus status = files.getFileStatus(path);
      if (files.getUri().getScheme().equals("file")) {
        return MappedTokens.of(
            java.nio.file.Path.of(status.getPath().toUri().getPath()), index, shard);
      }
      try (FSDataInputStream in = files.open(path)) {
        return RemoteTokens.of(path, status.getLen(), in, index, shard, blocks);
      }
    } catch (FileNotFoundException e) {
      throw new DataException(
          "Token shard is missing: file=" + path + "; prepare the corpus anew", e);
    } catch (IOException e) {
      throw new DataException(
          "Token shard cannot be read: file=" + path + ", problem=" + e.getMessage(), e);
    }
  }
}
