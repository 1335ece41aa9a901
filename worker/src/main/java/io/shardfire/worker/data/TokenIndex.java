package io.shardfire.worker.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.sharding.checkpoint.PlainFiles;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The index.json of a prepared corpus; written last, so that a folder without it is not a corpus.
 *
 * <pre>
 *   &lt;corpus&gt;/train-00000.tokens ...        token shards, any names
 *   &lt;corpus&gt;/train-00000.documents ...     where the documents of each end; since version 2
 *   &lt;corpus&gt;/validation-00000.tokens ...
 *   &lt;corpus&gt;/validation-00000.documents ...
 *   &lt;corpus&gt;/tokenizer.json               the tokenizer that made the ids
 *   &lt;corpus&gt;/index.json                   this, last
 * </pre>
 *
 * @param formatVersion 1 or {@link #VERSION}
 * @param tokenizer kind of tokenizer, for people to read
 * @param vocabularySize ids are below this
 * @param vocabularyHash as {@code Tokenizer.vocabularyHash()}
 * @param source where the text came from, for people to read
 * @param content what the documents are; text in version 1, which does not say where they end
 * @param shards in reading order; positions of a split run through its shards in this order
 */
public record TokenIndex(
    int formatVersion,
    String tokenizer,
    int vocabularySize,
    String vocabularyHash,
    String source,
    CorpusContent content,
    List<Shard> shards) {
  /** The version that is written here. */
  public static final int VERSION = 2;

  /** The first version, without documents; read here, too. */
  private static final int WITHOUT_DOCUMENTS = 1;

  /** Name of the index in the folder of a corpus. */
  public static final String FILE = "index.json";

  /** Name of the tokenizer in the folder of a corpus. */
  public static final String TOKENIZER_FILE = TokenizerFiles.JSON;

  private static final int LARGEST_INDEX = 1 << 28;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Checks and copies. */
  public TokenIndex {
    Objects.requireNonNull(tokenizer, "tokenizer");
    Objects.requireNonNull(source, "source");
    shards = List.copyOf(shards);
    Objects.requireNonNull(content, "content");
    if (formatVersion != VERSION && formatVersion != WITHOUT_DOCUMENTS) {
      throw new IllegalArgumentException(
          "Unknown format version of a token index: expected="
              + WITHOUT_DOCUMENTS
              + " or "
              + VERSION
              + ", actual="
              + formatVersion
              + "; prepare the corpus anew, or use the Shardfire version that wrote it");
    }
    if (vocabularySize < 1) {
      throw new IllegalArgumentException(
          "A vocabulary has at least one id: vocabularySize=" + vocabularySize);
    }
    TokenShardFormat.checkHash(vocabularyHash);
    Set<String> names = new HashSet<>();
    for (Shard shard : shards) {
      if (!names.add(shard.file())) {
        throw new IllegalArgumentException("A shard is listed twice: file=" + shard.file());
      }
      long bytes = TokenShardFormat.fileBytes(shard.tokens(), vocabularySize);
      if (shard.bytes() != bytes) {
        throw new IllegalArgumentException(
            "Size of a shard does not agree with its tokens: file="
                + shard.file()
                + ", tokens="
                + shard.tokens()
                + ", expected bytes="
                + bytes
                + ", actual bytes="
                + shard.bytes());
      }
    }
  }

  /**
   * One shard file, in reading order.
   *
   * @param file name in the folder of the corpus
   * @param bytes size of the file
   */
  public record Shard(String file, TokenSplit split, long tokens, long documents, long bytes) {
    /** Checks. */
    public Shard {
      Objects.requireNonNull(split, "split");
      if (file.isBlank() || file.contains("/") || file.contains("\\") || file.startsWith(".")) {
        throw new IllegalArgumentException(
            "A shard is a visible file in the folder of the corpus: file=" + file);
      }
      if (tokens < 0 || documents < 0 || bytes < 0) {
        throw new IllegalArgumentException(
            "Counts of a shard are not negative: file="
                + file
                + ", tokens="
                + tokens
                + ", documents="
                + documents
                + ", bytes="
                + bytes);
      }
    }

    /** Name of the file that says where its documents end. */
    public String documentFile() {
      return file.replaceFirst("\\.tokens$", "") + ".documents";
    }
  }

  /** Whether it is known where documents end. */
  public boolean hasDocuments() {
    return formatVersion > WITHOUT_DOCUMENTS;
  }

  /** Documents in a split. */
  public long documents(TokenSplit split) {
    return sum(split, Shard::documents);
  }

  /** Tokens in a split. */
  public long tokens(TokenSplit split) {
    return sum(split, Shard::tokens);
  }

  private long sum(TokenSplit split, ToLongFunction<Shard> count) {
    return shards.stream()
        .filter(shard -> shard.split() == split)
        .mapToLong(count)
        .reduce(0, Math::addExact);
  }

  /**
   * Reads the index of a corpus.
   *
   * @throws DataException when the folder has none or it is damaged, naming the file
   */
  public static TokenIndex read(Configuration configuration, Path folder) {
    Path path = new Path(folder, FILE);
    try {
      FileSystem files = PlainFiles.fileSystem(configuration, folder);
      JsonNode index = JSON.readTree(PlainFiles.readText(files, path, LARGEST_INDEX));
      if (index instanceof ObjectNode members
          && members.path("formatVersion").asInt() == WITHOUT_DOCUMENTS) {
        members.put("content", CorpusContent.TEXT.name());
      }
      return JSON.treeToValue(index, TokenIndex.class);
    } catch (FileNotFoundException e) {
      throw new DataException(
          "Not a prepared corpus: folder="
              + folder
              + ", missing file="
              + FILE
              + "; run prepare, and let it finish",
          e);
    } catch (JsonProcessingException e) {
      throw new DataException(
          "Token index is damaged: file=" + path + ", problem=" + problem(e), e);
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(
          "Token index cannot be read: file=" + path + ", problem=" + e.getMessage(), e);
    }
  }

  /**
   * Writes the index, which makes the folder a corpus; call it when all other files are in place.
   * Seen whole or not at all; replaces an older one.
   *
   * @throws DataException when it cannot be written, naming the file
   */
  public void write(Configuration configuration, Path folder) {
    Path path = new Path(folder, FILE);
    try {
      String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
      PlainFiles.writeAtomically(
          PlainFiles.fileSystem(configuration, folder),
          path,
          text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new DataException(
          "Token index cannot be written: file=" + path + ", problem=" + e.getMessage(), e);
    }
  }

  /** The sentence of a check above, or the parser's with its place. */
  private static String problem(JsonProcessingException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof IllegalArgumentException) {
        return cause.getMessage();
      }
    }
    return e.getMessage();
  }
}
