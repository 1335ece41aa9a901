package io.shardfire.jobs.output;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.worker.inspect.AttendedText;
import io.shardfire.worker.inspect.AttentionLayer;
import io.shardfire.worker.inspect.AttentionMaps;
import io.shardfire.worker.inspect.OpenModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * Attention weights as a page for a browser that needs nothing else. What it shows is JSON inside
 * it:
 *
 * <pre>
 *   { "model": name, "tokens": [label, ...], "source": [label, ...],
 *     "layers": [ { "name", "heads", "queries", "keys", "weights" }, ... ] }
 *   source: what an encoder reads beside a decoder; absent where there is none
 *   queries, keys: whose they are, "tokens" or "source"
 *   weights: base64 of [heads, queries, keys] unsigned shorts, little-endian, 65535 for a weight of 1
 * </pre>
 */
public final class AttentionPage {
  private static final String TEMPLATE = "attention.html";
  private static final String PLACE = "{\"place\":\"of the data\"}";
  private static final String TOKENS = "tokens";
  private static final String SOURCE = "source";
  private static final int ONE = 0xFFFF;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private AttentionPage() {}

  /** The page of a text. */
  public static String of(OpenModel model, AttendedText text, AttentionMaps maps)
      throws IOException {
    ObjectNode data = MAPPER.createObjectNode();
    data.put("model", model.name());
    label(model, text.ids(), data.putArray(TOKENS));
    if (!text.source().isEmpty()) {
      label(model, text.source(), data.putArray(SOURCE));
    }
    ArrayNode layers = data.putArray("layers");
    for (AttentionLayer layer : maps.layers()) {
      ObjectNode node = layers.addObject();
      node.put("name", layer.name());
      node.put("heads", layer.heads());
      node.put("queries", layer.isOfSource() ? SOURCE : TOKENS);
      node.put("keys", layer.readsSource() ? SOURCE : TOKENS);
      node.put("weights", weights(layer));
    }
    // A token could end the script that the data lies in.
    return template().replace(PLACE, MAPPER.writeValueAsString(data).replace("<", "\\u003c"));
  }

  private static void label(OpenModel model, List<Integer> ids, ArrayNode labels) {
    for (int id : ids) {
      labels.add(VisibleText.of(model.tokenizer().label(id)));
    }
  }

  private static String weights(AttentionLayer layer) {
    int count = layer.heads() * layer.queries() * layer.keys();
    ByteBuffer shorts = ByteBuffer.allocate(count * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int head = 0; head < layer.heads(); head++) {
      for (int query = 0; query < layer.queries(); query++) {
        for (int key = 0; key < layer.keys(); key++) {
          shorts.putShort((short) Math.round(ONE * layer.weight(head, query, key)));
        }
      }
    }
    return Base64.getEncoder().encodeToString(shorts.array());
  }

  private static String template() throws IOException {
    try (InputStream in = AttentionPage.class.getResourceAsStream(TEMPLATE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
