package io.shardfire.worker.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardfire.worker.tokenizer.TokenizerDocument.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Parses a tokenizer.json and checks what would make it useless. Confined to one call. */
final class TokenizerReader {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** Ids beyond this are taken for damage: the largest published vocabularies have about 2^18. */
  private static final int LARGEST_ID = (1 << 24) - 1;

  private final JsonNode root;
  private final JsonNode model;
  private final TreeMap<Integer, String> tokens = new TreeMap<>();
  private final List<Double> scores = new ArrayList<>();
  private final List<Integer> special = new ArrayList<>();

  private TokenizerReader(JsonNode root) {
    this.root = root;
    this.model = root.get("model");
  }

  static TokenizerDocument read(String json) {
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
    return new TokenizerReader(root).document();
  }

  private TokenizerDocument document() {
    Kind kind = kind();
    if (kind == Kind.UNIGRAM) {
      pieces(model.path("vocab"));
    } else {
      for (Map.Entry<String, JsonNode> entry : model.path("vocab").properties()) {
        add(entry.getValue(), entry.getKey(), "model.vocab");
      }
    }
    if (tokens.isEmpty()) {
      throw damaged("model.vocab has no tokens", null);
    }
    OptionalInt unknown = unknown(kind);
    for (JsonNode added : root.path("added_tokens")) {
      int id = add(added.path("id"), added.path("content").asText(), "added_tokens");
      if (added.path("special").asBoolean()) {
        special.add(id);
      }
    }
    special.sort(null);
    check(kind);
    return new TokenizerDocument(
        kind,
        tokens,
        scores,
        special,
        kind.isPairs() ? merges(model.path("merges")) : List.of(),
        unknown,
        first(root.path("post_processor")),
        switch (kind) {
          case BYTE_LEVEL_BPE -> TokenSpelling.LETTERS;
          case CHARACTERS -> TokenSpelling.PLAIN;
          default -> TokenSpelling.of(root.path("decoder"));
        },
        kind == Kind.BYTE_LEVEL_BPE && piecewise());
  }

  /**
   * GPT-2's form. What it leaves open is not taken for it, for the library has its own defaults.
   */
  private boolean piecewise() {
    JsonNode cut = root.path("pre_tokenizer");
    return isAbsent(root.path("normalizer"))
        && cut.path("type").asText().equals("ByteLevel")
        && cut.path("add_prefix_space").isBoolean()
        && !cut.path("add_prefix_space").booleanValue()
        && cut.path("use_regex").asBoolean(true)
        && root.path("added_tokens").size() == special.size();
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private Kind kind() {
    JsonNode preTokenizer = root.path("pre_tokenizer");
    String type = type();
    return switch (type) {
      case "BPE" -> hasType(preTokenizer, "ByteLevel") ? Kind.BYTE_LEVEL_BPE : Kind.BPE;
      case "WordPiece" -> Kind.WORD_PIECE;
      case "Unigram" -> Kind.UNIGRAM;
      case "WordLevel" -> cutsCharacters(preTokenizer) ? Kind.CHARACTERS : Kind.WORD_LEVEL;
      default ->
          throw damaged(
              "unknown kind: model.type="
                  + type
                  + "; there are BPE, WordPiece, Unigram and WordLevel",
              null);
    };
  }

  /** As {@link TokenizerJson#characters} writes it. */
  private boolean cutsCharacters(JsonNode preTokenizer) {
    return isAbsent(root.path("normalizer"))
        && preTokenizer.path("type").asText().equals("Split")
        && preTokenizer.path("pattern").path("Regex").asText().equals(TokenizerJson.CHARACTER)
        && preTokenizer.path("behavior").asText().equals("Isolated");
  }

  /** Older files leave the type out; then the fields tell, as the library decides it. */
  private String type() {
    if (model.hasNonNull("type")) {
      return model.get("type").asText();
    }
    return model.has("merges")
        ? "BPE"
        : model.has("continuing_subword_prefix")
            ? "WordPiece"
            : model.path("vocab").isArray() ? "Unigram" : "WordLevel";
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

  /** A unigram model's pieces with the logarithms of their probabilities, in the order of ids. */
  private void pieces(JsonNode array) {
    if (!array.isArray()) {
      throw damaged("model.vocab of a Unigram model is not a list", null);
    }
    for (JsonNode piece : array) {
      if (!piece.path(0).isTextual() || !piece.path(1).isNumber()) {
        throw damaged(
            "a piece is not a text and a score: piece=" + tokens.size() + ", text=" + piece, null);
      }
      tokens.put(tokens.size(), piece.get(0).asText());
      scores.add(piece.get(1).asDouble());
    }
  }

  private OptionalInt unknown(Kind kind) {
    return id(
        kind == Kind.UNIGRAM
            ? model.path("unk_id")
            : model.path("vocab").path(model.path("unk_token").asText()));
  }

  private int add(JsonNode idNode, String token, String where) {
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

  private void check(Kind kind) {
    if (kind.isPairs() && model.path("dropout").asDouble() != 0) {
      throw damaged(
          "model.dropout="
              + model.get("dropout")
              + " makes encoding random; set it to null to use the tokenizer here",
          null);
    }
    if (kind == Kind.BYTE_LEVEL_BPE) {
      checkAlphabet();
    } else if (kind == Kind.CHARACTERS) {
      checkCharacters();
    }
  }

  private void checkAlphabet() {
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

  private void checkCharacters() {
    tokens.forEach(
        (id, token) -> {
          if (!special.contains(id) && token.codePointCount(0, token.length()) != 1) {
            throw damaged(
                "a WordLevel model of text cut into characters has one for each token: id="
                    + id
                    + ", token="
                    + token,
                null);
          }
        });
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

  /** The token that a post-processor puts before a text. */
  private static OptionalInt first(JsonNode processor) {
    return switch (processor.path("type").asText()) {
      case "TemplateProcessing" -> {
        String token = processor.path("single").path(0).path("SpecialToken").path("id").asText();
        yield id(processor.path("special_tokens").path(token).path("ids").path(0));
      }
      case "BertProcessing", "RobertaProcessing" -> id(processor.path("cls").path(1));
      case "Sequence" -> {
        OptionalInt found = OptionalInt.empty();
        for (JsonNode part : processor.path("processors")) {
          found = found.isPresent() ? found : first(part);
        }
        yield found;
      }
      default -> OptionalInt.empty();
    };
  }

  private static OptionalInt id(JsonNode node) {
    return node.isInt() ? OptionalInt.of(node.asInt()) : OptionalInt.empty();
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
