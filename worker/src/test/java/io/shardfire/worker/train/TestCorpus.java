package io.shardfire.worker.train;

import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DocumentWriter;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenShardWriter;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/** A prepared corpus of made-up text that a model can learn: most letters follow their alphabet. */
final class TestCorpus {
  private TestCorpus() {}

  static void write(Path folder, int vocabularySize, int trainTokens, int validationTokens) {
    write(folder, vocabularySize, trainTokens, validationTokens, 1);
  }

  /** The text is a function of the seed. */
  static void write(
      Path folder, int vocabularySize, int trainTokens, int validationTokens, long seed) {
    try {
      TreeSet<Integer> characters = new TreeSet<>();
      IntStream.range(0, vocabularySize).forEach(i -> characters.add('A' + i));
      String json = TokenizerJson.characters(characters, false);
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(TokenIndex.TOKENIZER_FILE), json);
      String hash = TokenizerJson.vocabularyHash(json);
      List<TokenIndex.Shard> shards = new ArrayList<>();
      shards.add(shard(folder, TokenSplit.TRAIN, trainTokens, vocabularySize, hash, seed));
      shards.add(
          shard(folder, TokenSplit.VALIDATION, validationTokens, vocabularySize, hash, seed));
      new TokenIndex(
              TokenIndex.VERSION,
              "char",
              vocabularySize,
              hash,
              "made up",
              CorpusContent.TEXT,
              shards)
          .write(new Configuration(false), new org.apache.hadoop.fs.Path(folder.toUri()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TokenIndex.Shard shard(
      Path folder, TokenSplit split, int tokens, int vocabularySize, String hash, long seed)
      throws IOException {
    String file = split.name() + ".tokens";
    int[] ids = new int[tokens];
    for (int i = 1; i < tokens; i++) {
      long key = CounterRandom.mix(seed, split.name());
      ids[i] =
          CounterRandom.uniform(key, 2L * i) < 0.9
              ? (ids[i - 1] + 1) % vocabularySize
              : (int) (CounterRandom.uniform(key, 2L * i + 1) * vocabularySize);
    }
    try (TokenShardWriter writer =
            TokenShardWriter.create(
                Files.newOutputStream(folder.resolve(file)), vocabularySize, hash);
        DocumentWriter documents =
            DocumentWriter.create(
                Files.newOutputStream(folder.resolve(split.name() + ".documents")))) {
      writer.document(ids, tokens);
      documents.document(tokens);
      return new TokenIndex.Shard(file, split, tokens, 1, writer.bytes());
    }
  }
}
