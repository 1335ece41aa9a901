package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.worker.inspect.Losses;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class EvaluationJsonTest {
  @Test
  void shouldWriteNumbersOrTheReasonWhyThereAreNone() throws IOException {
    // Trained at 9, whose eighths are one token wide.
    Losses losses = new Losses(new double[] {2, 4, 6}, 2, 3, 4);
    List<EvaluationRow> rows =
        List.of(
            new EvaluationRow("m", "learned", 9, 3, Optional.of(losses)),
            new EvaluationRow("m", "learned", 9, 18, Optional.empty()));

    ObjectMapper mapper = new ObjectMapper();
    String expected =
        """
        [{"model": "m", "positions": "learned", "trainedContext": 9, "context": 3,
          "tokens": 6, "bytes": 4, "loss": 2.0, "perplexity": %s, "bitsPerByte": %s,
          "accuracy": 0.5,
          "lossByPosition": [{"from": 0, "to": 1, "loss": 1.0},
                             {"from": 1, "to": 2, "loss": 2.0},
                             {"from": 2, "to": 3, "loss": 3.0}]},
         {"model": "m", "positions": "learned", "trainedContext": 9, "context": 18,
          "refused": "learned positions end at 9"}]
        """
            .formatted(StrictMath.exp(2), 12 / (4 * StrictMath.log(2)));
    assertEquals(mapper.readTree(expected), mapper.readTree(EvaluationJson.of(rows)));
  }
}
