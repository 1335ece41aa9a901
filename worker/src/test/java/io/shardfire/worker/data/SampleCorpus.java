package io.shardfire.worker.data;

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

/** A corpus in which the token at position p of a split is a known function of p. */
final class SampleCorpus {
  /** Tokens of each document, but for the last of a shard. */
  static final int DOCUMENT_TOKENS = 4;

  /** Tokens of the training shards, one of them empty. */
  static final int[] TRAIN_TOKENS = {7, 1, 0, 13};

  static final int VALIDATION_TOKENS = 5;
  static final int TRAIN_TOTAL = IntStream.of(TRAIN_TOKENS).sum();

  private SampleCorpus() {}

  /** A character tokenizer of that many characters. */
  static String tokenizerJson(int vocabularySize) {
    TreeSet<Integer> characters = new TreeSet<>();
    IntStream.range(0, vocabularySize).forEach(i -> characters.add(0x10000 + i));
    return TokenizerJson.characters(characters, false);
  }

  static int token(TokenSplit split, long position, int vocabularySize) {
    return (int)
        ((position * 31 + (split == TokenSplit.TRAIN ? 0 : 17) + vocabularySize - 1)
            % vocabularySize);
  }

  static TokenIndex write(Path folder, int vocabularySize) {
    return write(folder, vocabularySize, TRAIN_TOKENS);
  }

  /** With training shards of these sizes. */
  static TokenIndex write(Path folder, int vocabularySize, int... trainTokens) {
    try {
      String json = tokenizerJson(vocabularySize);
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("tokenizer.json"), json);
      String hash = TokenizerJson.vocabularyHash(json);
      List<TokenIndex.Shard> shards = new ArrayList<>();
      long position = 0;
      for (int i = 0; i < trainTokens.length; i++) {
        shards.add(
            writeShard(
                folder,
                "train-" + i,
                TokenSplit.TRAIN,
                position,
                trainTokens[i],
                vocabularySize,
                hash));
        position += trainTokens[i];
      }
      shards.add(
          writeShard(
              folder,
              "validation-0",
              TokenSplit.VALIDATION,
              0,
              VALIDATION_TOKENS,
              vocabularySize,
              hash));
      TokenIndex index =
          new TokenIndex(
              TokenIndex.VERSION,
              "char",
              vocabularySize,
              hash,
              "made up",
              CorpusContent.TEXT,
              shards);
      index.write(new Configuration(false), new org.apache.hadoop.fs.Path(folder.toUri()));
      return index;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TokenIndex.Shard writeShard(
      Path folder,
      String file,
      TokenSplit split,
      long first,
      int tokens,
      int vocabularySize,
      String hash)
      throws IOException {
    try (TokenShardWriter writer =
            TokenShardWriter.create(
                Files.newOutputStream(folder.resolve(file)), vocabularySize, hash);
        DocumentWriter documents =
            DocumentWriter.create(Files.newOutputStream(folder.resolve(file + ".documents")))) {
      int done = 0;
      while (done < tokens) {
        int[] document =
            IntStream.range(0, Math.min(DOCUMENT_TOKENS, tokens - done))
                .map(i -> token(split, first + writer.tokens() + i, vocabularySize))
                .toArray();
        writer.document(document, document.length);
        documents.document(writer.tokens());
        done += document.length;
      }
      return new TokenIndex.Shard(file, split, writer.tokens(), writer.documents(), writer.bytes());
    }
  }
}
