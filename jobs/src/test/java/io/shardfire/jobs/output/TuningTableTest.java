package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.kernels.device.Tunable;
import io.shardfire.kernels.tuning.Outcome;
import io.shardfire.kernels.tuning.Trial;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TuningTableTest {
  private final StringWriter out = new StringWriter();
  private final TuningTable table = new TuningTable(new PrintWriter(out));

  @Test
  void shouldPrintTrialsAndTheGainOfTheLastOne() {
    table.progress("round 1 of 1, values 1 of 2");
    table.accept(new Trial(Tunable.NORM_ROWS, 8, 16, new Outcome(0.123, 1)));
    table.accept(new Trial(Tunable.NORM_ROWS, 8, 32, new Outcome(-0.05, 0.1)));
    table.accept(new Trial(Tunable.NORM_ROWS, 8, 16, new Outcome(0.1, 0.9)));
    table.summary(Map.of(Tunable.NORM_ROWS, 16), Path.of("own.properties"));
    assertEquals(
        """
        round 1 of 1, values 1 of 2
          norm.rows                           8 -> 16      +12.3%, faster in 100% of the runs  *
          norm.rows                           8 -> 32       -5.0%, faster in  10% of the runs
          norm.rows                           8 -> 16      +10.0%, faster in  90% of the runs  *

        norm.rows=16 instead of 8: 10.0% faster
        Wrote own.properties
        """,
        out.toString());
  }

  @Test
  void shouldSayWhenTheDefaultsAreBest() {
    table.summary(Map.of(), Path.of("own.properties"));
    assertEquals(
        "\nNo value is clearly faster than its default.\nWrote own.properties\n", out.toString());
  }
}
