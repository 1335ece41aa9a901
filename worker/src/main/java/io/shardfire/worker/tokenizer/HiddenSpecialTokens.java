package io.shardfire.worker.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;

/**
 * A tokenizer.json whose special tokens have the same ids, but texts that nothing spells: not only
 * is none looked for among the added tokens; a model that has their texts among its pieces, as a
 * unigram model has, does not find them either.
 */
final class HiddenSpecialTokens {
  /** Never characters of a text (Unicode, section 23.7). */
  private static final char BEFORE = '\uFDD0';

  private static final char BEHIND = '\uFDD1';
  private static final String UNKNOWN = "unk_token";
  private static final JsonMapper JSON = new JsonMapper();

  private HiddenSpecialTokens() {}

  /** The text that a parsed document was read from, with its special tokens hidden. */
  static String in(String json, TokenizerDocument document) {
    try {
      ObjectNode root = (ObjectNode) JSON.readTree(json);
      if (root.get("added_tokens") instanceof ArrayNode added) {
        Iterator<JsonNode> tokens = added.iterator();
        while (tokens.hasNext()) {
          if (tokens.next().path("special").asBoolean()) {
            tokens.remove();
          }
        }
      }
      ObjectNode model = (ObjectNode) root.get("model");
      for (int id : document.special()) {
        hide(model, document.tokens().get(id), id);
      }
      return JSON.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The text was parsed before", e);
    }
  }

  private static void hide(ObjectNode model, String token, int id) {
    String hidden = BEFORE + token + BEHIND;
    JsonNode vocabulary = model.get("vocab");
    if (vocabulary instanceof ObjectNode ids && ids.has(token)) {
      ids.set(hidden, ids.remove(token));
    } else if (vocabulary instanceof ArrayNode pieces && id < pieces.size()) {
      ((ArrayNode) pieces.get(id)).set(0, hidden);
    }
    if (model.path(UNKNOWN).asText().equals(token)) {
      model.put(UNKNOWN, hidden);
    }
  }
}
