package io.shardfire.worker.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.PlainFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The texts of a tokenizer's files, as they stand in a corpus, a checkpoint or a Hugging Face
 * folder.
 *
 * @param json of {@value #JSON}
 * @param configuration of {@value #CONFIGURATION}, which says what special tokens are for
 */
public record TokenizerFiles(String json, String configuration) {
  /** The vocabulary, and how text is cut. */
  public static final String JSON = "tokenizer.json";

  /** What special tokens are for, and what other libraries want to know. */
  public static final String CONFIGURATION = "tokenizer_config.json";

  private static final String MAP = "special_tokens_map.json";
  private static final int LARGEST = 1 << 28;
  private static final JsonMapper MAPPER = new JsonMapper();

  /** What folders hold that were saved before there was a tokenizer.json. */
  private static final List<String> OLDER =
      List.of(
          "vocab.txt",
          "vocab.json",
          "merges.txt",
          "spiece.model",
          "tokenizer.model",
          "sentencepiece.bpe.model");

  private static final List<String> PAIR = List.of("source.spm", "target.spm");

  /** A tokenizer whose special tokens have their usual names. */
  public static TokenizerFiles of(String json) {
    ObjectNode root = MAPPER.createObjectNode();
    // The class that takes tokenizer.json as it is; those of families make normalizers of their
    // own.
    root.put("tokenizer_class", "PreTrainedTokenizerFast");
    root.put("clean_up_tokenization_spaces", false);
    TokenizerDocument document = TokenizerDocument.parse(json);
    for (TokenRole role : TokenRole.values()) {
      document.named(role.names()).ifPresent(id -> root.put(role.key(), document.tokens().get(id)));
    }
    return new TokenizerFiles(json, root.toPrettyString() + "\n");
  }

  /**
   * As below, and checks tokenizer.json.
   *
   * @throws CheckpointException also when a file cannot be read or is damaged, with the path
   */
  public static TokenizerFiles read(Configuration hadoop, Path path) {
    try {
      TokenizerFiles files = read(PlainFiles.fileSystem(hadoop, path), path);
      TokenizerDocument.parse(files.json());
      return files;
    } catch (IOException | IllegalArgumentException e) {
      throw new CheckpointException(
          "Tokenizer cannot be read: path=" + path + ", problem=" + e.getMessage(), e);
    }
  }

  /**
   * Reads them from a folder, or reads one tokenizer.json and what stands beside it.
   *
   * @throws CheckpointException when there is no tokenizer.json, saying how to make one
   * @throws IllegalArgumentException when a file is damaged
   */
  public static TokenizerFiles read(FileSystem files, Path path) throws IOException {
    boolean isFolder = files.getFileStatus(path).isDirectory();
    Path folder = isFolder ? path : path.getParent();
    Path json = isFolder ? new Path(path, JSON) : path;
    if (!exists(files, json)) {
      throw missing(files, folder);
    }
    String text = PlainFiles.readText(files, json, LARGEST);
    Optional<ObjectNode> configuration = object(files, new Path(folder, CONFIGURATION));
    Optional<ObjectNode> map = object(files, new Path(folder, MAP));
    if (configuration.isEmpty() && map.isEmpty()) {
      return of(text);
    }
    ObjectNode root = configuration.orElseGet(MAPPER::createObjectNode);
    for (TokenRole role : TokenRole.values()) {
      map.map(found -> found.get(role.key()))
          .filter(token -> !root.hasNonNull(role.key()))
          .ifPresent(token -> root.set(role.key(), token));
    }
    return new TokenizerFiles(text, root.toPrettyString() + "\n");
  }

  private static boolean exists(FileSystem files, Path path) throws IOException {
    try {
      return files.getFileStatus(path).isFile();
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  private static CheckpointException missing(FileSystem files, Path folder) throws IOException {
    TreeSet<String> found = new TreeSet<>();
    for (FileStatus file : files.listStatus(folder)) {
      Stream.of(OLDER, PAIR)
          .flatMap(List::stream)
          .filter(file.getPath().getName()::equals)
          .forEach(found::add);
    }
    String remedy =
        PAIR.stream().anyMatch(found::contains)
            ? "a pair of SentencePiece models, as Marian's, is not read: make a tokenizer.json of"
                + " it as docs/tokenizers.md says"
            : found.isEmpty()
                ? "give a folder that has one"
                : "make one with transformers, from_pretrained and save_pretrained of"
                    + " AutoTokenizer";
    return new CheckpointException(
        "Folder has no "
            + JSON
            + "; "
            + remedy
            + ": folder="
            + folder
            + (found.isEmpty() ? "" : ", found=" + String.join(", ", found)));
  }

  private static Optional<ObjectNode> object(FileSystem files, Path path) throws IOException {
    return exists(files, path)
        ? Optional.of(object(PlainFiles.readText(files, path, LARGEST), path.getName()))
        : Optional.empty();
  }

  private static ObjectNode object(String text, String name) {
    try {
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
      throw new IllegalArgumentException(name + " cannot be used: it is not a JSON object");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          name + " cannot be used: not valid JSON: problem=" + e.getOriginalMessage(), e);
    }
  }

  /** The tokens that have a role, by their texts. */
  Map<TokenRole, String> roles() {
    ObjectNode root = object(configuration, CONFIGURATION);
    EnumMap<TokenRole, String> roles = new EnumMap<>(TokenRole.class);
    for (TokenRole role : TokenRole.values()) {
      // A token is its text, or an object of its text and how it is found.
      JsonNode token = root.path(role.key());
      String text = token.isTextual() ? token.asText() : token.path("content").asText();
      if (!text.isEmpty()) {
        roles.put(role, text);
      }
    }
    return roles;
  }

  /**
   * The ids of the special tokens by what they are for, without native code.
   *
   * @throws IllegalArgumentException naming what is wrong with a file
   */
  public SpecialIds specialIds() {
    return SpecialIds.of(TokenizerDocument.parse(json), roles());
  }
}
