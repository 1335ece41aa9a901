package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.kernels.bench.Measurement;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class MeasurementTableTest {
  @Test
  void shouldPrintRatesAndTheShareOfTheCeiling() {
    StringWriter out = new StringWriter();
    new MeasurementTable(new PrintWriter(out))
        .accept(
            new Measurement(
                "MatMul.NN", "3x5x7", 0.002, 0.004, 1e9, Measurement.Unit.GFLOP, 0.0015));

    assertEquals(
        """
        operation                  shape                            best   median  unit           ms  floor ms  x floor  of ceiling
        MatMul.NN                  3x5x7                           500.0    250.0  GFLOP/s     2.000     1.500     1.33         75%
        """,
        out.toString());
  }
}
