package io.shardfire.driver.corpus;

import io.shardfire.sharding.checkpoint.PlainFiles;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;

/**
 * Task: tokenizes one part and writes its shards.
 *
 * @param json text of the tokenizer.json
 * @param configuration text of the tokenizer_config.json
 * @param folder where shards wait for their final names
 * @param marked whether documents get the tokens that begin and end one
 * @param special what text means that spells a special token
 */
record PartTokenizing(
    SplitReading reading,
    Broadcast<String> json,
    String configuration,
    ShardFormat format,
    String folder,
    boolean marked,
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
    try (Tokenizer tokenizer = Tokenizer.of(new TokenizerFiles(json.value(), configuration))) {
      DocumentMarks marks = marked ? DocumentMarks.of(tokenizer) : DocumentMarks.NONE;
      boolean[] first = {true};
      reading.read(
          part,
          (document, split, text, last) -> {
            int[] ids = encode(tokenizer, text, special, document);
            shards.append(split, marks.around(ids, first[0] && !document.isPair(), last));
            first[0] = last;
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
}
