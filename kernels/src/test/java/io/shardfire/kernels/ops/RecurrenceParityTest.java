package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.RecurrenceChecks;
import io.shardfire.kernels.selftest.Workbench;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Recurrent layers against their references. B sequences, T tokens, H units. */
class RecurrenceParityTest {
  private final Workbench bench =
      new Workbench(ComputeContext.open(ComputeDevice.select("auto")), 700_000, 42);
  private final RecurrenceChecks checks = new RecurrenceChecks(bench);

  private static void assertOk(CheckResult result) {
    assertTrue(result.ok(), result::toString);
  }

  /** More sequences than are streamed among them, and widths around those of vectors and panels. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 2, 7", "2, 1, 16", "3, 9, 17", "5, 4, 33", "17, 3, 40", "4, 23, 100"})
  void shouldRun(int batch, int time, int width) {
    for (RecurrentCell cell : RecurrentCell.values()) {
      RecurrentShape shape = new RecurrentShape(cell, batch, time, width);
      assertOk(checks.recurrence(shape, false));
      assertOk(checks.recurrence(shape, true));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 16, 17", "3, 5, 40", "19, 2, 33"})
  void shouldGoOnWhereAPassEnded(int batch, int time, int width) {
    for (RecurrentCell cell : RecurrentCell.values()) {
      assertOk(checks.lasting(cell, batch, time, width));
    }
  }

  @ParameterizedTest
  @CsvSource({"RNN, 1", "LSTM, 4", "GRU, 3"})
  void shouldSaturateAndShowNaN(RecurrentCell cell, int gates) {
    assertEquals(gates, cell.gates());
    double[] input = new double[2 * gates];
    for (int i = 0; i < gates; i++) {
      input[2 * i] = 1e6;
      input[2 * i + 1] = Double.NaN;
    }
    RecurrentShape shape = new RecurrentShape(cell, 1, 1, 2);
    Span out = bench.output(2);
    Recurrence.States states =
        new Recurrence.States(bench.input(input), bench.output(2), out, bench.output(2));
    Recurrence.Weights weights = new Recurrence.Weights(bench.input(new double[4 * gates]), null);
    Recurrence.Scratch scratch = new Recurrence.Scratch(bench.output(2 * gates), null);
    bench.run(
        recorder -> Recurrence.forward(recorder, shape, weights, states, scratch, null, null));
    // The update gate of the GRU keeps the state, which is 0; the LSTM's is tanh of its cell, 1.
    double expected = cell == RecurrentCell.RNN ? 1 : cell == RecurrentCell.LSTM ? Math.tanh(1) : 0;
    assertEquals(expected, bench.read(out)[0], 1e-6);
    assertTrue(Double.isNaN(bench.read(out)[1]));
  }

  @Test
  void shouldComputeTheSameBitsEveryTime() {
    RecurrentShape shape = new RecurrentShape(RecurrentCell.LSTM, 7, 13, 45);
    Span input = bench.input(bench.values(7 * 13 * 180));
    Span gates = bench.output(7 * 13 * 180);
    Recurrence.Weights weights =
        new Recurrence.Weights(bench.input(bench.values(180 * 45)), bench.input(bench.values(180)));
    Recurrence.States states =
        new Recurrence.States(
            gates, bench.output(7 * 13 * 45), bench.output(7 * 13 * 45), bench.output(7 * 13 * 45));
    Span dout = bench.input(bench.values(7 * 13 * 45));
    Recurrence.Gradients gradients = new Recurrence.Gradients(bench.output(7 * 13 * 180), null);
    Recurrence.Scratch scratch = new Recurrence.Scratch(bench.output(7 * 180), null);
    Recurrence.Carry carry = new Recurrence.Carry(bench.output(7 * 45), bench.output(7 * 45));
    Repeats.assertSameBits(
        bench,
        List.of(states.out(), gradients.gates()),
        recorder -> {
          Elementwise.copy(recorder, input, gates);
          Recurrence.forward(recorder, shape, weights, states, scratch, null, null);
          Recurrence.backward(recorder, shape, weights, states, dout, gradients, carry, null);
        });
  }

  @Test
  void shouldCheckOperands() {
    RecurrentShape shape = new RecurrentShape(RecurrentCell.GRU, 2, 3, 5);
    Recurrence.Weights weights = new Recurrence.Weights(bench.output(75), bench.output(15));
    Recurrence.States states =
        new Recurrence.States(
            bench.output(90), bench.output(30), bench.output(30), bench.output(29));
    Recurrence.Scratch scratch = new Recurrence.Scratch(bench.output(30), null);
    assertEquals(
        "Recurrence.forward: kept is too short: length=29, needed=30, arena=workbench, offset="
            + states.kept().offset(),
        failure(() -> Recurrence.forward(null, shape, weights, states, scratch, null, null)));
    Span shared = bench.output(90);
    assertEquals(
        "Recurrence.backward: dproduct must not share floats with dgates="
            + shared
            + ": dproduct="
            + shared,
        failure(
            () ->
                Recurrence.backward(
                    null,
                    shape,
                    weights,
                    new Recurrence.States(
                        states.gates(), states.before(), states.out(), states.before()),
                    bench.output(30),
                    new Recurrence.Gradients(shared, shared),
                    new Recurrence.Carry(bench.output(10), null),
                    null)));
    assertEquals(
        "RecurrentShape: time must be at least 1: time=0",
        failure(() -> new RecurrentShape(RecurrentCell.RNN, 1, 0, 1)));
    RecurrentStates lasting =
        new RecurrentStates(2, bench.output(10), null, null, bench.output(2), null);
    assertEquals(
        "RecurrentStates.load: time must be 1 without ends: time=3",
        failure(
            () ->
                Recurrence.forward(
                    null,
                    shape,
                    weights,
                    new Recurrence.States(
                        states.gates(), states.before(), states.out(), bench.output(30)),
                    scratch,
                    null,
                    lasting)));
  }

  private static String failure(Executable launch) {
    return assertThrows(IllegalArgumentException.class, launch).getMessage();
  }
}
