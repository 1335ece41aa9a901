package io.shardfire.driver.corpus;

import io.shardfire.sharding.checkpoint.PlainFiles;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;

/**
 * Task: tokenizes one part and writes its shards.
 *
 * @param tokenizerJson text of the tokenizer.json
 * @param folder where shards wait for their final names
 * @param endOfText id to append to every document, or -1
 * @param special what text means that spells a special token
 */
record PartTokenizing(
    SplitReading reading,
    Broadcast<String> tokenizerJson,
    ShardFormat format,
    String folder,
    int endOfText,
    SpecialTokens special)
    implements Function<CorpusPart, PartShards> {
  @Override
  public PartShards call(CorpusPart part) {
    // A task can run again, or twice at once: the attempt id keeps the files apart.
    String attempt =
        String.format(
            Locale.ROOT, "part-%05d-attempt-%d", part.index(), TaskContext.get().taskAttemptId());
    Path path = new Path(folder);
    ShardFiles shards =
        new ShardFiles(
            PlainFiles.fileSystem(reading.source().hadoop().value().value(), path),
            path,
            attempt,
            format);
    try (Tokenizer tokenizer = Tokenizer.fromJson(tokenizerJson.value())) {
      reading.read(
          part,
          (document, split, text, last) -> {
            int[] ids = encode(tokenizer, text, special, document);
            shards.append(split, last && endOfText >= 0 ? appended(ids) : ids);
          });
      return new PartShards(shards.finish(), null);
    } catch (TransientCorpusException e) {
      shards.abandon(e);
      throw e;
    } catch (CorpusException e) {
      shards.abandon(e);
      return new PartShards(List.of(), e);
    }
  }

  private static int[] encode(
      Tokenizer tokenizer, String text, SpecialTokens special, Document document) {
    try {
      return tokenizer.encode(text, special);
    } catch (IllegalArgumentException e) {
      throw new CorpusException(
          "Cannot tokenize: file=%s document-offset=%s reason=%s. Use a tokenizer made for this text"
              .formatted(document.file(), document.offset(), e.getMessage()),
          e);
    }
  }

  private int[] appended(int[] ids) {
    int[] longer = Arrays.copyOf(ids, ids.length + 1);
    longer[ids.length] = endOfText;
    return longer;
  }
}
