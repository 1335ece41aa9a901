package io.shardfire.worker.data;

import io.shardfire.sharding.checkpoint.PlainFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What tells corpora apart. The checksums are those of the ids of a split in reading order, however
 * they are cut into shards.
 *
 * @param vocabularyHash as {@code Tokenizer.vocabularyHash()}
 * @param trainChecksum CRC32C in hex
 * @param validationChecksum CRC32C in hex
 */
public record CorpusIdentity(
    String vocabularyHash,
    long trainTokens,
    long validationTokens,
    String trainChecksum,
    String validationChecksum) {

  /**
   * Reads the beginning and the end of every shard, and compares these with the index; the ids are
   * not read.
   *
   * @throws DataException when a shard is absent, has another size, or is of another corpus
   */
  public static CorpusIdentity read(Configuration hadoop, Path folder, TokenIndex index) {
    FileSystem files = PlainFiles.fileSystem(hadoop, folder);
    Map<TokenSplit, ChainedChecksum> checksums = new EnumMap<>(TokenSplit.class);
    for (TokenSplit split : TokenSplit.values()) {
      checksums.put(split, new ChainedChecksum());
    }
    for (TokenIndex.Shard shard : index.shards()) {
      Path path = new Path(folder, shard.file());
      try {
        read(files, path, index, shard, checksums.get(shard.split()));
      } catch (FileNotFoundException e) {
        throw new DataException(
            "Token shard is missing: file=" + path + "; prepare the corpus anew", e);
      } catch (IOException e) {
        throw new DataException(
            "Token shard cannot be read: file=" + path + ", problem=" + e.getMessage(), e);
      }
    }
    return new CorpusIdentity(
        index.vocabularyHash(),
        index.tokens(TokenSplit.TRAIN),
        index.tokens(TokenSplit.VALIDATION),
        hex(checksums.get(TokenSplit.TRAIN)),
        hex(checksums.get(TokenSplit.VALIDATION)));
  }

  private static void read(
      FileSystem files,
      Path path,
      TokenIndex index,
      TokenIndex.Shard shard,
      ChainedChecksum checksum)
      throws IOException {
    String file = path.toString();
    TokenShardFormat.check(file, "file size", shard.bytes(), files.getFileStatus(path).getLen());
    ByteBuffer header = ByteBuffer.allocate(TokenShardFormat.HEADER_BYTES);
    ByteBuffer footer = ByteBuffer.allocate(TokenShardFormat.FOOTER_BYTES);
    try (FSDataInputStream in = files.open(path)) {
      in.readFully(0, header.array());
      in.readFully(shard.bytes() - TokenShardFormat.FOOTER_BYTES, footer.array());
    }
    TokenShardFormat.checkHeader(file, header, index);
    TokenShardFormat.checkCounts(file, footer, shard);
    long ids = shard.bytes() - TokenShardFormat.HEADER_BYTES - TokenShardFormat.FOOTER_BYTES;
    checksum.add(TokenShardFormat.idChecksum(header, footer, ids), ids);
  }

  private static String hex(ChainedChecksum checksum) {
    return HexFormat.of().toHexDigits(checksum.value());
  }
}
