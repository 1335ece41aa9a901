package io.shardfire.worker.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What a tokenizer.json says about ids: the parsed and checked part that does not depend on the
 * native library.
 *
 * @param kind which of the supported models
 * @param tokens token text by id, special tokens included
 * @param special the ids that stand for no text, ascending
 * @param merges in order; empty for characters
 */
record TokenizerDocument(
    Kind kind,
    TreeMap<Integer, String> tokens,
    List<Integer> special,
    List<TokenizerJson.Merge> merges) {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** Ids beyond this are taken for damage: the largest published vocabularies have about 2^18. */
  private static final int LARGEST_ID = (1 << 24) - 1;

  /** What ends a document, in the vocabularies of GPT-2, T5 and BERT. */
  private static final List<String> ENDS = List.of(TokenizerJson.END_OF_TEXT, "</s>", "[SEP]");

  /** The supported models. */
  enum Kind {
    BYTE_LEVEL_BPE,
    CHARACTERS
  }

  /** Parses and checks. */
  static TokenizerDocument parse(String json) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw damaged(
          "not valid JSON: line="
              + e.getLocation().getLineNr()
              + ", column="
              + e.getLocation().getColumnNr()
              + ", problem="
              + e.getOriginalMessage(),
          e);
    }
    if (!root.path("model").isObject()) {
      throw damaged("no model object: fields=" + fields(root), null);
    }
    JsonNode model = root.get("model");
    Kind kind = kind(root, model.path("type").asText());
    TreeMap<Integer, String> tokens = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : model.path("vocab").properties()) {
      add(tokens, entry.getValue(), entry.getKey(), "model.vocab");
    }
    if (tokens.isEmpty()) {
      throw damaged("model.vocab has no tokens", null);
    }
    List<Integer> special = new ArrayList<>();
    for (JsonNode added : root.path("added_tokens")) {
      int id = add(tokens, added.path("id"), added.path("content").asText(), "added_tokens");
      if (added.path("special").asBoolean()) {
        special.add(id);
      }
    }
    special.sort(null);
    List<TokenizerJson.Merge> merges =
        kind == Kind.BYTE_LEVEL_BPE ? merges(model.path("merges")) : List.of();
    TokenizerDocument document = new TokenizerDocument(kind, tokens, special, merges);
    document.checkKind(model, root.path("normalizer"));
    return document;
  }

  /**
   * The tokenizer.json text without its special tokens, so that nothing in a text is read as one.
   * Their entries in {@code model.vocab} stay: no merge makes them.
   */
  static String withoutSpecialTokens(String json) {
    try {
      JsonNode root = JSON.readTree(json);
      if (root.get("added_tokens") instanceof ArrayNode added) {
        added.removeIf(token -> token.path("special").asBoolean());
      }
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw damaged("not valid JSON: problem=" + e.getOriginalMessage(), e);
    }
  }

  /** One past the largest id. */
  int vocabularySize() {
    return tokens.lastKey() + 1;
  }

  /** The id of the special token that ends a document. */
  OptionalInt endOfText() {
    return ENDS.stream()
        .flatMap(end -> special.stream().filter(id -> tokens.get(id).equals(end)))
        .mapToInt(Integer::intValue)
        .findFirst();
  }

  /**
   * The token of the id at a position of a sequence.
   *
   * @throws IllegalArgumentException when there is none
   */
  String token(int[] ids, int position) {
    String token = tokens.get(ids[position]);
    if (token == null) {
      throw new IllegalArgumentException(
          "No token has this id: id="
              + ids[position]
              + ", position="
              + position
              + ", vocabularySize="
              + vocabularySize());
    }
    return token;
  }

  private void checkKind(JsonNode model, JsonNode normalizer) {
    switch (kind) {
      case BYTE_LEVEL_BPE -> {
        if (model.path("dropout").asDouble() != 0) {
          throw damaged(
              "model.dropout="
                  + model.get("dropout")
                  + " makes encoding random; set it to null to use the tokenizer here",
              null);
        }
        for (String letter : ByteLevel.alphabet()) {
          if (!model.path("vocab").has(letter)) {
            throw damaged(
                "model.vocab lacks a letter of the byte alphabet, so some text could not be encoded:"
                    + " letter="
                    + Characters.describe(letter.charAt(0)),
                null);
          }
        }
      }
      case CHARACTERS -> {
        tokens.forEach(
            (id, token) -> {
              if (!special.contains(id) && token.codePointCount(0, token.length()) != 1) {
                throw damaged(
                    "a WordLevel model is supported with one character per token only: id="
                        + id
                        + ", token="
                        + token,
                    null);
              }
            });
        if (!normalizer.isMissingNode() && !normalizer.isNull()) {
          throw damaged(
              "a character tokenizer is supported without normalizer only: normalizer="
                  + normalizer.path("type").asText(),
              null);
        }
      }
    }
  }

  private static Kind kind(JsonNode root, String type) {
    JsonNode preTokenizer = root.path("pre_tokenizer");
    if (type.equals("BPE") && hasType(preTokenizer, "ByteLevel")) {
      return Kind.BYTE_LEVEL_BPE;
    }
    if (type.equals("WordLevel") && hasType(preTokenizer, "Split")) {
      return Kind.CHARACTERS;
    }
    throw damaged(
        "unsupported kind: model.type="
            + type
            + ", pre_tokenizer.type="
            + preTokenizer.path("type").asText()
            + "; supported are BPE with ByteLevel (as GPT-2) and WordLevel with Split into single"
            + " characters",
        null);
  }

  /** Whether a pre-tokenizer is of the type, or is a sequence in which one is. */
  private static boolean hasType(JsonNode preTokenizer, String type) {
    if (preTokenizer.path("type").asText().equals(type)) {
      return true;
    }
    for (JsonNode part : preTokenizer.path("pretokenizers")) {
      if (part.path("type").asText().equals(type)) {
        return true;
      }
    }
    return false;
  }

  private static int add(
      TreeMap<Integer, String> tokens, JsonNode idNode, String token, String where) {
    if (!idNode.isInt() || idNode.intValue() < 0 || idNode.intValue() > LARGEST_ID) {
      throw damaged(
          where
              + " has an id that is not a whole number from 0 to "
              + LARGEST_ID
              + ": token="
              + token
              + ", id="
              + idNode,
          null);
    }
    int id = idNode.intValue();
    String earlier = tokens.putIfAbsent(id, token);
    if (earlier != null && !earlier.equals(token)) {
      throw damaged(
          where + " gives one id to two tokens: id=" + id + ", tokens=" + earlier + " and " + token,
          null);
    }
    return id;
  }

  private static List<TokenizerJson.Merge> merges(JsonNode array) {
    if (!array.isArray()) {
      throw damaged("model.merges is not a list", null);
    }
    List<TokenizerJson.Merge> merges = new ArrayList<>(array.size());
    for (JsonNode node : array) {
      String[] pair =
          node.isArray() && node.size() == 2
              ? new String[] {node.get(0).asText(), node.get(1).asText()}
              : node.asText().split(" ", -1);
      if (pair.length != 2) {
        throw damaged("a merge is not two tokens: merge=" + merges.size() + ", text=" + node, null);
      }
      merges.add(new TokenizerJson.Merge(pair[0], pair[1]));
    }
    return merges;
  }

  private static List<String> fields(JsonNode root) {
    List<String> names = new ArrayList<>();
    root.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static IllegalArgumentException damaged(String what, Throwable cause) {
    return new IllegalArgumentException("tokenizer.json cannot be used: " + what, cause);
  }
}
