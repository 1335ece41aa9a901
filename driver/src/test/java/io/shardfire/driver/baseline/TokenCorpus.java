package io.shardfire.driver.baseline;

import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenShardWriter;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/** A corpus of given ids, each of them a character of two bytes. */
final class TokenCorpus {
  private TokenCorpus() {}

  static void write(Path folder, int vocabularySize, int[] train, int[] validation)
      throws IOException {
    String tokenizer =
        TokenizerJson.characters(
            IntStream.range(0x100, 0x100 + vocabularySize)
                .boxed()
                .collect(Collectors.toCollection(TreeSet::new)),
            false);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(TokenIndex.TOKENIZER_FILE), tokenizer);
    String hash = TokenizerJson.vocabularyHash(tokenizer);
    new TokenIndex(
            TokenIndex.VERSION,
            "char",
            vocabularySize,
            hash,
            "ids",
            CorpusContent.TEXT,
            List.of(
                shard(folder, TokenSplit.TRAIN, train, vocabularySize, hash),
                shard(folder, TokenSplit.VALIDATION, validation, vocabularySize, hash)))
        .write(new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()));
  }

  private static TokenIndex.Shard shard(
      Path folder, TokenSplit split, int[] ids, int vocabularySize, String hash)
      throws IOException {
    String file = split + ".tokens";
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TokenShardWriter writer = TokenShardWriter.create(bytes, vocabularySize, hash)) {
      writer.document(ids, ids.length);
    }
    Files.write(folder.resolve(file), bytes.toByteArray());
    return new TokenIndex.Shard(file, split, ids.length, 1, bytes.size());
  }
}
