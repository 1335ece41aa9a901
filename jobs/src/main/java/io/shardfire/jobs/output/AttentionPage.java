package io.shardfire.jobs.output;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.worker.inspect.AttentionLayer;
import io.shardfire.worker.inspect.AttentionMaps;
import io.shardfire.worker.inspect.OpenModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Attention weights as a page for a browser that needs nothing else. What it shows is JSON inside
 * it:
 *
 * <pre>
 *   { "model": name, "tokens": [label, ...], "layers": [ { "name", "heads", "weights" }, ... ] }
 *   weights: base64 of [heads, queries, keys] unsigned shorts, little-endian, 65535 for a weight of 1
 * </pre>
 */
public final class AttentionPage {
  private static final String TEMPLATE = "attention.html";
  private static final String PLACE = "{\"place\":\"of the data\"}";
  private static final int ONE = 0xFFFF;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private AttentionPage() {}

  /** The page of a text. */
  public static String of(OpenModel model, int[] ids, AttentionMaps maps) throws IOException {
    ObjectNode data = MAPPER.createObjectNode();
    data.put("model", model.name());
    ArrayNode tokens = data.putArray("tokens");
    for (int id : ids) {
      tokens.add(VisibleText.of(model.tokenizer().label(id)));
    }
    ArrayNode layers = data.putArray("layers");
    for (AttentionLayer layer : maps.layers()) {
      ObjectNode node = layers.addObject();
      node.put("name", layer.name());
      node.put("heads", layer.heads());
      node.put("weights", weights(layer));
    }
    // A token could end the script that the data lies in.
    return template().replace(PLACE, MAPPER.writeValueAsString(data).replace("<", "\\u003c"));
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
