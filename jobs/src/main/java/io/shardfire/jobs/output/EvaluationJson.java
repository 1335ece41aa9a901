package io.shardfire.jobs.output;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.worker.inspect.Losses;
import io.shardfire.worker.inspect.MaskSettings;
import io.shardfire.worker.inspect.PairMatches;
import java.util.List;
import java.util.Map;

/** How models were evaluated, for other programs. */
public final class EvaluationJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private EvaluationJson() {}

  /** An array of the rows; one without losses says why. */
  public static String of(List<EvaluationRow> rows) {
    ArrayNode array = MAPPER.createArrayNode();
    for (EvaluationRow row : rows) {
      ObjectNode node = array.addObject();
      node.put("model", row.model());
      node.put("positions", row.positions());
      node.put("trainedContext", row.trained());
      node.put("context", row.context());
      row.losses()
          .ifPresentOrElse(
              losses -> write(losses, row, node), () -> node.put("refused", row.refusal()));
    }
    return array.toPrettyString() + "\n";
  }

  /** An array of the rows of encoders. */
  public static String ofMasked(List<MaskedRow> rows, MaskSettings masks) {
    ArrayNode array = MAPPER.createArrayNode();
    for (MaskedRow row : rows) {
      array
          .addObject()
          .put("model", row.model())
          .put("positions", row.positions())
          .put("context", row.context())
          .put("sequences", row.losses().sequences())
          .put("maskedShare", masks.share())
          .put("wholeWords", masks.wholeWords())
          .put("hidden", row.losses().hidden())
          .put("loss", row.losses().mean())
          .put("perplexity", row.losses().perplexity())
          .put("accuracy", row.losses().accuracy())
          .put("unigramAccuracy", row.losses().unigramAccuracy());
    }
    return array.toPrettyString() + "\n";
  }

  /** An array of encoder-decoders, with all that they wrote wrong. */
  public static String ofPairs(Map<String, PairMatches> models) {
    ArrayNode array = MAPPER.createArrayNode();
    models.forEach(
        (model, matches) -> {
          ObjectNode node = array.addObject();
          node.put("model", model);
          node.put("pairs", matches.pairs());
          node.put("exact", matches.exact());
          ArrayNode faults = node.putArray("faults");
          for (PairMatches.Fault fault : matches.faults()) {
            faults
                .addObject()
                .put("source", fault.source())
                .put("target", fault.target())
                .put("written", fault.written());
          }
        });
    return array.toPrettyString() + "\n";
  }

  private static void write(Losses losses, EvaluationRow row, ObjectNode node) {
    node.put("tokens", losses.tokens());
    node.put("bytes", losses.bytes());
    node.put("loss", losses.mean());
    node.put("perplexity", losses.perplexity());
    losses.bitsPerByte().ifPresent(bits -> node.put("bitsPerByte", bits));
    node.put("accuracy", losses.accuracy());
    ArrayNode positions = node.putArray("lossByPosition");
    for (PositionRange range : PositionRange.fine(row.trained(), row.context())) {
      ObjectNode part = positions.addObject();
      part.put("from", range.from());
      part.put("to", range.to());
      part.put("loss", range.mean(losses));
    }
  }
}
