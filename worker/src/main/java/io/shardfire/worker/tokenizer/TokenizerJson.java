package io.shardfire.worker.tokenizer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;

/**
 * Writes {@code tokenizer.json} texts that Hugging Face libraries load, for vocabularies made here.
 * Stateless and thread-safe.
 */
public final class TokenizerJson {
  /** The special token that ends a document in the vocabularies of GPT-2. */
  public static final String END_OF_TEXT = "<|endoftext|>";

  /** Cuts text into characters. */
  static final String CHARACTER = "[\\s\\S]";

  /** What an unknown character would become; not in any vocabulary, so encoding it fails. */
  private static final String NO_SUCH_TOKEN = "<unknown character>";

  private static final JsonMapper JSON = new JsonMapper();

  private TokenizerJson() {}

  /** Two neighbouring tokens that become one; earlier merges go first. */
  public record Merge(String left, String right) {
    /** The token that the two become. */
    public String product() {
      return left + right;
    }
  }

  /** As below, with {@link AddedTokens#GPT2}. */
  public static String byteLevelBpe(List<String> vocabulary, List<Merge> merges) {
    return byteLevelBpe(vocabulary, merges, AddedTokens.GPT2);
  }

  /**
   * A byte-level BPE tokenizer as GPT-2's. The added tokens are appended as the last ids.
   *
   * @param vocabulary tokens in id order, in the letters of {@link ByteLevel}: the 256 letters and
   *     every product of a merge
   * @param merges in the order in which they were learned
   * @throws IllegalArgumentException when a letter is missing, a token appears twice, or a merge
   *     uses or makes a token that the vocabulary lacks
   */
  public static String byteLevelBpe(
      List<String> vocabulary, List<Merge> merges, AddedTokens added) {
    Set<String> tokens = distinct(vocabulary, added.tokens());
    for (String letter : ByteLevel.alphabet()) {
      if (!tokens.contains(letter)) {
        throw new IllegalArgumentException(
            "The vocabulary lacks a letter of the byte alphabet: letter="
                + Characters.describe(letter.charAt(0))
                + "; start the vocabulary with ByteLevel.alphabet()");
      }
    }
    ObjectNode root = document();
    root.set("pre_tokenizer", byteLevel());
    root.set("post_processor", byteLevel());
    root.set("decoder", byteLevel());
    ObjectNode model = root.putObject("model");
    model.put("type", "BPE");
    model.putNull("dropout");
    model.putNull("unk_token");
    model.putNull("continuing_subword_prefix");
    model.putNull("end_of_word_suffix");
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    vocabulary(model, vocabulary, added.tokens());
    ArrayNode pairs = model.putArray("merges");
    for (int i = 0; i < merges.size(); i++) {
      Merge merge = merges.get(i);
      for (String token : List.of(merge.left(), merge.right(), merge.product())) {
        if (!tokens.contains(token)) {
          throw new IllegalArgumentException(
              "A merge names a token that the vocabulary lacks: merge=" + i + ", token=" + token);
        }
      }
      // Letters hold no space, so the older one-string form, which every version reads, is safe.
      pairs.add(merge.left() + " " + merge.right());
    }
    added(root, vocabulary.size(), added.tokens());
    return text(root);
  }

  /**
   * As below, with {@link AddedTokens#GPT2} or none.
   *
   * @param endOfText whether {@link #END_OF_TEXT} is appended as the last id
   */
  public static String characters(SortedSet<Integer> codePoints, boolean endOfText) {
    return characters(codePoints, endOfText ? AddedTokens.GPT2.tokens() : List.of());
  }

  /**
   * A tokenizer with one id for each code point, in code point order.
   *
   * @param codePoints the characters
   * @param added special tokens, which are appended as the last ids
   * @throws IllegalArgumentException when there are no characters, or one is a surrogate
   */
  public static String characters(SortedSet<Integer> codePoints, List<String> added) {
    if (codePoints.isEmpty()) {
      throw new IllegalArgumentException(
          "A character tokenizer needs at least one character: characters=0; is the corpus empty?");
    }
    for (int codePoint : codePoints) {
      if (!Character.isValidCodePoint(codePoint)
          || Character.getType(codePoint) == Character.SURROGATE) {
        throw new IllegalArgumentException(
            "Not a Unicode character: codePoint=" + Characters.describe(codePoint));
      }
    }
    List<String> vocabulary =
        codePoints.stream().sorted().map(codePoint -> Character.toString(codePoint)).toList();
    ObjectNode root = document();
    ObjectNode split = root.putObject("pre_tokenizer");
    split.put("type", "Split");
    split.putObject("pattern").put("Regex", CHARACTER);
    split.put("behavior", "Isolated");
    split.put("invert", false);
    root.putNull("post_processor");
    root.putObject("decoder").put("type", "Fuse");
    ObjectNode model = root.putObject("model");
    model.put("type", "WordLevel");
    vocabulary(model, vocabulary, added);
    model.put("unk_token", NO_SUCH_TOKEN);
    added(root, vocabulary.size(), added);
    return text(root);
  }

  /**
   * The vocabulary hash of a tokenizer.json text, as {@link Tokenizer#vocabularyHash()}, without
   * native code.
   *
   * @throws IllegalArgumentException naming what is wrong with the text
   */
  public static String vocabularyHash(String json) {
    return VocabularyHash.of(TokenizerDocument.parse(json));
  }

  /**
   * The number of ids, as {@link Tokenizer#vocabularySize()}, without native code.
   *
   * @throws IllegalArgumentException naming what is wrong with the text
   */
  public static int vocabularySize(String json) {
    return TokenizerDocument.parse(json).vocabularySize();
  }

  private static Set<String> distinct(List<String> vocabulary, List<String> added) {
    Set<String> tokens = new HashSet<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      String token = vocabulary.get(id);
      if (token.isEmpty() || added.contains(token) || !tokens.add(token)) {
        throw new IllegalArgumentException(
            "Vocabulary tokens must be distinct, not empty and not "
                + added
                + ": id="
                + id
                + ", token="
                + token);
      }
    }
    return tokens;
  }

  private static ObjectNode document() {
    ObjectNode root = JSON.createObjectNode();
    root.put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    root.putArray("added_tokens");
    root.putNull("normalizer");
    return root;
  }

  private static ObjectNode byteLevel() {
    ObjectNode node = JSON.createObjectNode();
    node.put("type", "ByteLevel");
    node.put("add_prefix_space", false);
    node.put("trim_offsets", false);
    node.put("use_regex", true);
    return node;
  }

  private static void vocabulary(ObjectNode model, List<String> tokens, List<String> added) {
    ObjectNode ids = model.putObject("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    for (int i = 0; i < added.size(); i++) {
      ids.put(added.get(i), tokens.size() + i);
    }
  }

  private static void added(ObjectNode root, int first, List<String> added) {
    for (int i = 0; i < added.size(); i++) {
      ObjectNode token = root.withArray("/added_tokens").addObject();
      token.put("id", first + i);
      token.put("content", added.get(i));
      token.put("single_word", false);
      token.put("lstrip", false);
      token.put("rstrip", false);
      token.put("normalized", false);
      token.put("special", true);
    }
  }

  private static String text(ObjectNode root) {
    return root.toPrettyString() + "\n";
  }
}
