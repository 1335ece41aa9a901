package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.inspect.PairMatches;
import io.shardfire.worker.inspect.PairMatches.Fault;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PairTableTest {
  private static final Fault FAULT = new Fault("two", "deux", "deux ");

  @Test
  void shouldShowSharesAndTheFirstFaults() {
    Map<String, PairMatches> models = new LinkedHashMap<>();
    models.put("runs/a", new PairMatches(200, List.of(FAULT)));
    models.put("b", new PairMatches(200, List.of()));
    models.put("c", new PairMatches(8, Collections.nCopies(6, FAULT)));
    StringWriter text = new StringWriter();
    PairTable table = new PairTable(new PrintWriter(text), List.copyOf(models.keySet()));

    table.begin("pairs", TokenSplit.TRAIN);
    models.forEach(table::row);
    table.faults(models);

    String fault =
        """
          source   two
          target   deux
          written  deux␣
        """;
    assertEquals(
        """
        pairs, train split: targets written from their sources, always the likeliest token

        model      pairs     exact    share
        runs/a       200       199   99.50%
        b            200       200  100.00%
        c              8         2   25.00%

        Faults of runs/a, 1 of 1
        """
            + fault
            + "\nFaults of c, 5 of 6\n"
            + fault.repeat(5),
        text.toString());
  }
}
