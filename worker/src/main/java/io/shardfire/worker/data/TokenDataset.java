package io.shardfire.worker.data;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.PlainFiles;
import io.shardfire.worker.tokenizer.TokenizerFiles;
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

  private static final int LARGEST_VOCABULARY = 1 << 24;

  private final TokenIndex index;
  private final TokenizerFiles tokenizer;
  private final Map<TokenSplit, ShardSequence> splits;
  private final Map<TokenSplit, DocumentTable> documents = new EnumMap<>(TokenSplit.class);
  private final Files files;
  private volatile boolean closed;

  /** Where the files are, and the window through which those are read that cannot be mapped. */
  private record Files(FileSystem system, Path folder, TokenBlocks blocks) {
    Path path(String name) {
      return new Path(folder, name);
    }
  }

  private TokenDataset(
      Files files,
      TokenIndex index,
      TokenizerFiles tokenizer,
      Map<TokenSplit, ShardSequence> splits) {
    this.files = files;
    this.index = index;
    this.tokenizer = tokenizer;
    this.splits = splits;
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
    FileSystem system = PlainFiles.fileSystem(configuration, folder);
    TokenizerFiles tokenizer = readTokenizer(configuration, folder, index);
    Files files = new Files(system, folder, new TokenBlocks(system, blockTokens));
    Map<TokenSplit, ShardSequence> splits = new EnumMap<>(TokenSplit.class);
    for (TokenSplit split : TokenSplit.values()) {
      splits.put(split, openSplit(files, index, split));
    }
    return new TokenDataset(files, index, tokenizer, splits);
  }

  /** The index. */
  public TokenIndex index() {
    return index;
  }

  /** What made the ids. */
  public TokenizerFiles tokenizer() {
    return tokenizer;
  }

  /** Text of the folder's tokenizer.json. */
  public String tokenizerJson() {
    return tokenizer.json();
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

  /**
   * Where the documents of a split are. The first call for a split reads the files that say so, for
   * their checksums.
   *
   * @throws DataException when the corpus does not say, or the files are absent or damaged
   */
  public synchronized DocumentTable documents(TokenSplit split) {
    if (!index.hasDocuments()) {
      throw new DataException(
          "The corpus does not say where its documents end, for an older version wrote it; prepare"
              + " it anew: folder="
              + files.folder());
    }
    return documents.computeIfAbsent(split, this::openDocuments);
  }

  private DocumentTable openDocuments(TokenSplit split) {
    DocumentTable.Builder table = new DocumentTable.Builder();
    for (TokenIndex.Shard shard : index.shards()) {
      if (shard.split() == split) {
        TokenStorage ends = open(files, files.path(shard.documentFile()), new DocumentFile(shard));
        table.add(ends, shard.documents(), shard.tokens());
      }
    }
    return table.build();
  }

  @Override
  public void close() {
    closed = true;
    files.blocks().close();
  }

  /**
   * Reads the tokenizer of a corpus.
   *
   * @throws DataException when there is none, or it is not the one that made the ids
   */
  public static TokenizerFiles readTokenizer(
      Configuration configuration, Path folder, TokenIndex index) {
    Path path = new Path(folder, TokenIndex.TOKENIZER_FILE);
    try {
      TokenizerFiles tokenizer =
          TokenizerFiles.read(PlainFiles.fileSystem(configuration, folder), folder);
      String actual = TokenizerJson.vocabularyHash(tokenizer.json());
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
      return tokenizer;
    } catch (CheckpointException e) {
      throw new DataException(
          "The corpus has no tokenizer: missing file=" + path + "; prepare the corpus anew", e);
    } catch (IOException | IllegalArgumentException e) {
      throw new DataException(
          "Tokenizer cannot be read: file=" + path + ", problem=" + e.getMessage(), e);
    }
  }

  private static ShardSequence openSplit(Files files, TokenIndex index, TokenSplit split) {
    ShardSequence.Builder sequence = new ShardSequence.Builder();
    for (TokenIndex.Shard shard : index.shards()) {
      if (shard.split() == split) {
        sequence.add(
            open(files, files.path(shard.file()), new TokenFile(index, shard)), shard.tokens());
      }
    }
    return sequence.build();
  }

  private static TokenStorage open(Files files, Path path, EntryFile expected) {
    try {
      FileStatus status = files.system().getFileStatus(path);
      if (files.system().getUri().getScheme().equals("file")) {
        return MappedTokens.of(java.nio.file.Path.of(status.getPath().toUri().getPath()), expected);
      }
      try (FSDataInputStream in = files.system().open(path)) {
        return RemoteTokens.of(path, status.getLen(), in, expected, files.blocks());
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
