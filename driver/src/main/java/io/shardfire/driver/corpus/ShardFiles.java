package io.shardfire.driver.corpus;

import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.DocumentWriter;
import io.shardfire.worker.data.TokenShardWriter;
import io.shardfire.worker.data.TokenSplit;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The shards of one task attempt: at most one open for each split, begun with its first tokens and
 * ended when it is full. Hadoop's local file system reports a full disk as an {@link FSError}. Not
 * thread-safe.
 */
final class ShardFiles {
  private final FileSystem fileSystem;
  private final Path folder;
  private final String attempt;
  private final ShardFormat format;
  private final Map<TokenSplit, Open> open = new EnumMap<>(TokenSplit.class);
  private final List<ShardFile> finished = new ArrayList<>();
  private int begun;

  /** Closing the one closes the other, too. */
  private record Open(String name, TokenShardWriter writer, DocumentWriter documents)
      implements Closeable {
    void append(int[] ids) {
      writer.document(ids, ids.length);
      documents.document(writer.tokens());
    }

    @Override
    public void close() {
      try (documents) {
        writer.close();
      }
    }
  }

  /**
   * @param attempt makes file names unique among all attempts of all tasks
   */
  ShardFiles(FileSystem fileSystem, Path folder, String attempt, ShardFormat format) {
    this.fileSystem = fileSystem;
    this.folder = folder;
    this.attempt = attempt;
    this.format = format;
  }

  /** Appends one document, or a stretch of one. */
  void append(TokenSplit split, int[] ids) {
    try {
      Open shard = open.get(split);
      if (shard == null) {
        shard = begin();
        open.put(split, shard);
      }
      shard.append(ids);
      if (shard.writer().tokens() >= format.tokensPerShard()) {
        finish(split);
      }
    } catch (IOException | DataException | FSError e) {
      throw OutputFolder.notWritable(folder.toString(), e);
    }
  }

  private Open begin() throws IOException {
    String name = String.format(Locale.ROOT, "%s-%05d", attempt, begun++);
    TokenShardWriter writer =
        TokenShardWriter.create(create(name), format.vocabularySize(), format.vocabularyHash());
    try {
      return new Open(name, writer, DocumentWriter.create(create(ShardFile.documentFile(name))));
    } catch (IOException | FSError e) {
      writer.close();
      throw e;
    }
  }

  /** Not recursive: a task that outlives its preparation must not bring the folder back. */
  private OutputStream create(String name) throws IOException {
    return fileSystem.createFile(new Path(folder, name)).overwrite(false).build();
  }

  private void finish(TokenSplit split) throws IOException {
    Open shard = open.remove(split);
    TokenShardWriter writer = shard.writer();
    shard.close();
    long bytes = fileSystem.getFileStatus(new Path(folder, shard.name())).getLen();
    finished.add(new ShardFile(shard.name(), split, writer.tokens(), writer.documents(), bytes));
  }

  /** Closes what a failed attempt leaves open. */
  void abandon(Exception failure) {
    for (Open shard : open.values()) {
      try {
        shard.close();
      } catch (DataException | FSError e) {
        failure.addSuppressed(e);
      }
    }
    open.clear();
  }

  /** Ends the open shards and returns all, those of one split in reading order. */
  List<ShardFile> finish() {
    try {
      for (TokenSplit split : TokenSplit.values()) {
        if (open.containsKey(split)) {
          finish(split);
        }
      }
      return List.copyOf(finished);
    } catch (IOException | DataException | FSError e) {
      throw OutputFolder.notWritable(folder.toString(), e);
    }
  }
}
