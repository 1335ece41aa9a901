package io.shardfire.driver.plan;

import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DocumentWriter;
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

/** A corpus of 101 characters for tests, all of whose tokens are the first. */
public final class SampleCorpus {
  private static final int VOCABULARY = 101;

  private SampleCorpus() {}

  /** Writes a corpus with splits of these sizes. */
  public static void write(Path folder, long trainTokens, long validationTokens)
      throws IOException {
    String tokenizer = tokenizer(VOCABULARY);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve(TokenIndex.TOKENIZER_FILE), tokenizer);
    String hash = TokenizerJson.vocabularyHash(tokenizer);
    new TokenIndex(
            TokenIndex.VERSION,
            "char",
            VOCABULARY,
            hash,
            "a text",
            CorpusContent.TEXT,
            List.of(
                shard(folder, "train.tokens", TokenSplit.TRAIN, trainTokens, hash),
                shard(folder, "validation.tokens", TokenSplit.VALIDATION, validationTokens, hash)))
        .write(new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()));
  }

  /** A tokenizer of that many characters. */
  static String tokenizer(int vocabularySize) {
    return TokenizerJson.characters(
        IntStream.range('a', 'a' + vocabularySize)
            .boxed()
            .collect(Collectors.toCollection(TreeSet::new)),
        false);
  }

  /** As a writer would make it. */
  private static TokenIndex.Shard shard(
      Path folder, String file, TokenSplit split, long tokens, String vocabularyHash)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TokenShardWriter writer = TokenShardWriter.create(bytes, VOCABULARY, vocabularyHash)) {
      writer.document(new int[Math.toIntExact(tokens)], Math.toIntExact(tokens));
    }
    Files.write(folder.resolve(file), bytes.toByteArray());
    TokenIndex.Shard shard = new TokenIndex.Shard(file, split, tokens, 1, bytes.size());
    try (DocumentWriter documents =
        DocumentWriter.create(Files.newOutputStream(folder.resolve(shard.documentFile())))) {
      documents.document(tokens);
    }
    return shard;
  }
}
