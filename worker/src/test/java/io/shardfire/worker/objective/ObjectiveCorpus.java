package io.shardfire.worker.objective;

import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DocumentWriter;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenShardWriter;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.TokenRole;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/**
 * A prepared corpus of documents, or of pairs, of letters and spaces. In a document a letter mostly
 * follows its alphabet; the target of a pair is its source backwards. Each ends with the token for
 * that.
 */
public final class ObjectiveCorpus {
  /** Letters, with the space as the first. */
  public static final int LETTERS = 20;

  private final Path folder;
  private final String tokenizer;
  private final int end;
  private final CorpusContent content;
  private final int longest;
  private final List<TokenIndex.Shard> shards = new ArrayList<>();

  private ObjectiveCorpus(Path folder, AddedTokens added, CorpusContent content, int longest) {
    this.folder = folder;
    this.tokenizer = tokenizer(added);
    Map<String, Integer> special = TokenizerFiles.of(tokenizer).specialIds().byText();
    this.end = TokenizerFiles.of(tokenizer).specialIds().of(TokenRole.END).orElseThrow();
    this.content = content;
    this.longest = longest;
    if (special.size() != added.tokens().size()) {
      throw new IllegalStateException(special.toString());
    }
  }

  /**
   * Writes splits of so many documents or pairs, each of 1 to {@code longest} letters and its end.
   */
  public static void write(
      Path folder,
      AddedTokens added,
      CorpusContent content,
      int train,
      int validation,
      int longest) {
    ObjectiveCorpus corpus = new ObjectiveCorpus(folder, added, content, longest);
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve(TokenIndex.TOKENIZER_FILE), corpus.tokenizer);
      corpus.split(TokenSplit.TRAIN, train);
      corpus.split(TokenSplit.VALIDATION, validation);
      new TokenIndex(
              TokenIndex.VERSION,
              "char",
              LETTERS + added.tokens().size(),
              TokenizerJson.vocabularyHash(corpus.tokenizer),
              "made up",
              content,
              corpus.shards)
          .write(new Configuration(false), new org.apache.hadoop.fs.Path(folder.toUri()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String tokenizer(AddedTokens added) {
    TreeSet<Integer> characters = new TreeSet<>(List.of((int) ' '));
    IntStream.range(1, LETTERS).forEach(i -> characters.add('a' + i));
    return TokenizerJson.characters(characters, added.tokens());
  }

  private void split(TokenSplit split, int documents) throws IOException {
    String file = split.name() + ".tokens";
    try (TokenShardWriter writer =
            TokenShardWriter.create(
                Files.newOutputStream(folder.resolve(file)),
                TokenizerJson.vocabularySize(tokenizer),
                TokenizerJson.vocabularyHash(tokenizer));
        DocumentWriter ends =
            DocumentWriter.create(
                Files.newOutputStream(folder.resolve(split.name() + ".documents")))) {
      for (int document = 0; document < documents; document++) {
        int[] letters = letters(CounterRandom.mix(CounterRandom.mix(0, split.name()), document));
        append(writer, ends, letters);
        if (content == CorpusContent.PAIRS) {
          append(writer, ends, backwards(letters));
        }
      }
      shards.add(
          new TokenIndex.Shard(file, split, writer.tokens(), writer.documents(), writer.bytes()));
    }
  }

  private void append(TokenShardWriter writer, DocumentWriter ends, int[] letters) {
    int[] ids = IntStream.concat(IntStream.of(letters), IntStream.of(end)).toArray();
    writer.document(ids, ids.length);
    ends.document(writer.tokens());
  }

  private int[] letters(long key) {
    int[] letters = new int[1 + (int) (CounterRandom.uniform(key, 0) * longest)];
    for (int i = 0; i < letters.length; i++) {
      letters[i] =
          i > 0 && CounterRandom.uniform(key, 2L * i + 1) < 0.9
              ? (letters[i - 1] + 1) % LETTERS
              : (int) (CounterRandom.uniform(key, 2L * i + 2) * LETTERS);
    }
    return letters;
  }

  private static int[] backwards(int[] letters) {
    return IntStream.range(0, letters.length).map(i -> letters[letters.length - 1 - i]).toArray();
  }
}
