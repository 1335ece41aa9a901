package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Recurrence;
import io.shardfire.kernels.ops.RecurrentCell;
import io.shardfire.kernels.ops.RecurrentShape;
import io.shardfire.kernels.ops.RecurrentStates;
import io.shardfire.kernels.reference.RecurrenceReference;
import io.shardfire.kernels.reference.RecurrenceReference.Layer;
import java.util.Arrays;

/**
 * Compares recurrent layers with the reference, for any sizes. B sequences, T tokens, H units. Each
 * check clears the bench first.
 */
public final class RecurrenceChecks {
  /** Besides the root of the longest sum: functions of functions, step after step. */
  private static final int ROUNDINGS = 40;

  private final Workbench bench;

  /** Checks on the given bench. */
  public RecurrenceChecks(Workbench bench) {
    this.bench = bench;
  }

  /**
   * Forward and backward.
   *
   * @param documents whether sequences hold several documents, so that states begin anew
   */
  public CheckResult recurrence(RecurrentShape shape, boolean documents) {
    bench.clear();
    RecurrentCell cell = shape.cell();
    int time = shape.time();
    int width = shape.width();
    int gateFloats = shape.rows() * shape.gateWidth();
    int[] first = new int[shape.rows()];
    boolean[] begins = new boolean[shape.rows()];
    for (int row = 0; row < first.length; row++) {
      int token = row % time;
      first[row] = documents ? token - token % (2 + row / time) : 0;
      begins[row] = token == 0 || first[row] == token;
    }
    Layer layer = layer(shape, begins);
    double[] dout = bench.values(shape.rows() * width);
    Recurrence.Weights weights =
        new Recurrence.Weights(bench.input(layer.weight()), bench.input(layer.bias()));
    Span firstVisible = documents ? bench.input(first) : null;
    Recurrence.States states = states(shape, layer.input());
    Recurrence.Scratch scratch = scratch(shape);
    Span douts = bench.input(dout);
    Recurrence.Gradients gradients =
        new Recurrence.Gradients(
            bench.output(gateFloats), cell.splitsGradient() ? bench.output(gateFloats) : null);
    Recurrence.Carry carry =
        new Recurrence.Carry(
            bench.output(shape.batch() * width),
            cell == RecurrentCell.LSTM ? bench.output(shape.batch() * width) : null);
    bench.run(
        recorder -> {
          Recurrence.forward(recorder, shape, weights, states, scratch, firstVisible, null);
          Recurrence.backward(
              recorder, shape, weights, states, douts, gradients, carry, firstVisible);
        });
    RecurrenceReference reference = RecurrenceReference.valueOf(cell.name());
    RecurrenceReference.Gradients expected = reference.backward(layer, dout);
    double[] dproduct = bench.read(cell.splitsGradient() ? gradients.product() : gradients.gates());
    double[] before = bench.read(states.before());
    return new Comparison(bench)
        .output(states.out(), reference.forward(layer).hidden())
        .output(gradients.gates(), expected.input())
        .output(weightGradient(shape, dproduct, before), expected.weight())
        .output(biasGradient(shape, dproduct), expected.bias())
        .within(name(shape, documents ? "documents" : "whole"), roundings(shape));
  }

  /**
   * Some tokens at once and then, each alone, others: with what lasts between them, every other
   * sequence being idle in the end.
   */
  public CheckResult lasting(RecurrentCell cell, int batch, int time, int width) {
    bench.clear();
    int count = batch + 2;
    RecurrentShape all = new RecurrentShape(cell, batch, time + 2, width);
    boolean[] begins = new boolean[all.rows()];
    for (int b = 0; b < batch; b++) {
      begins[b * all.time()] = true;
    }
    Layer layer = layer(all, begins);
    Recurrence.Weights weights =
        new Recurrence.Weights(bench.input(layer.weight()), bench.input(layer.bias()));
    // What the first pass leaves is that of the token before its last, which is padding.
    int tokens = time;
    RecurrentShape chunk = new RecurrentShape(cell, batch, time + 1, width);
    RecurrentShape single = new RecurrentShape(cell, batch, 1, width);
    int[] places = new int[batch];
    Arrays.setAll(places, b -> count - 1 - b);
    Span hidden = bench.input(bench.values(count * width));
    Span cells = cell == RecurrentCell.LSTM ? bench.input(bench.values(count * width)) : null;
    Span sequence = bench.input(places);
    RecurrentStates prompt =
        new RecurrentStates(
            count, hidden, cells, sequence, bench.input(new int[batch]), filled(batch, tokens));
    RecurrentStates next =
        new RecurrentStates(count, hidden, cells, sequence, filled(batch, tokens), null);
    int[] positions = new int[batch];
    Arrays.setAll(positions, b -> b % 2 == 0 ? tokens + 1 : -1);
    RecurrentStates last =
        new RecurrentStates(count, hidden, cells, sequence, bench.input(positions), null);
    Recurrence.States prompts = states(chunk, rows(layer, 0, chunk.time()));
    Recurrence.States nexts = states(single, rows(layer, tokens, 1));
    Recurrence.States lasts = states(single, rows(layer, tokens + 1, 1));
    Recurrence.Scratch chunkScratch = scratch(chunk);
    Recurrence.Scratch scratch = scratch(single);
    bench.run(
        recorder -> {
          Recurrence.forward(recorder, chunk, weights, prompts, chunkScratch, null, prompt);
          Recurrence.forward(recorder, single, weights, nexts, scratch, null, next);
          Recurrence.forward(recorder, single, weights, lasts, scratch, null, last);
        });
    RecurrenceReference.States expected = RecurrenceReference.valueOf(cell.name()).forward(layer);
    Comparison comparison = new Comparison(bench);
    double[] kept = bench.read(hidden);
    double[] keptCells = cells == null ? null : bench.read(cells);
    double[] out = bench.read(lasts.out());
    for (int b = 0; b < batch; b++) {
      int row = b * all.time() + tokens + 1;
      int stored = b % 2 == 0 ? row : row - 1;
      if (b % 2 == 0) {
        comparison.output(part(out, b, width), part(expected.hidden(), row, width));
      }
      comparison.output(part(kept, places[b], width), part(expected.hidden(), stored, width));
      if (keptCells != null) {
        comparison.output(part(keptCells, places[b], width), part(expected.cells(), stored, width));
      }
    }
    return comparison.within(name(all, "lasting"), roundings(all));
  }

  private Layer layer(RecurrentShape shape, boolean[] begins) {
    double[] weight = bench.values(shape.gateWidth() * shape.width());
    double scale = 2 / Math.sqrt(shape.width());
    Arrays.setAll(weight, i -> (float) (weight[i] * scale));
    double[] input = bench.values(shape.rows() * shape.gateWidth());
    Arrays.setAll(input, i -> (float) (2 * input[i]));
    return new Layer(
        shape.batch(),
        shape.time(),
        shape.width(),
        input,
        weight,
        bench.values(shape.gateWidth()),
        begins,
        null,
        null);
  }

  private Recurrence.States states(RecurrentShape shape, double[] input) {
    int floats = shape.rows() * shape.width();
    return new Recurrence.States(
        bench.input(input),
        bench.output(floats),
        bench.output(floats),
        shape.cell().keeps() ? bench.output(floats) : null);
  }

  private Recurrence.Scratch scratch(RecurrentShape shape) {
    return new Recurrence.Scratch(
        bench.output(shape.batch() * shape.gateWidth()),
        shape.cell() == RecurrentCell.LSTM ? bench.output(shape.batch() * shape.width()) : null);
  }

  private Span filled(int length, int value) {
    int[] values = new int[length];
    Arrays.fill(values, value);
    return bench.input(values);
  }

  /** Tokens of all sequences. */
  private static double[] rows(Layer layer, int from, int count) {
    int width = layer.bias().length;
    double[] rows = new double[layer.batch() * count * width];
    for (int b = 0; b < layer.batch(); b++) {
      System.arraycopy(
          layer.input(), (b * layer.time() + from) * width, rows, b * count * width, count * width);
    }
    return rows;
  }

  private static double[] part(double[] rows, int row, int width) {
    return Arrays.copyOfRange(rows, row * width, (row + 1) * width);
  }

  private static double[] weightGradient(RecurrentShape shape, double[] dproduct, double[] before) {
    int width = shape.width();
    double[] gradient = new double[shape.gateWidth() * width];
    for (int row = 0; row < shape.rows(); row++) {
      for (int k = 0; k < shape.gateWidth(); k++) {
        for (int j = 0; j < width; j++) {
          gradient[k * width + j] +=
              dproduct[row * shape.gateWidth() + k] * before[row * width + j];
        }
      }
    }
    return gradient;
  }

  private static double[] biasGradient(RecurrentShape shape, double[] dproduct) {
    double[] gradient = new double[shape.gateWidth()];
    for (int i = 0; i < dproduct.length; i++) {
      gradient[i % gradient.length] += dproduct[i];
    }
    return gradient;
  }

  private static double roundings(RecurrentShape shape) {
    return ROUNDINGS + Math.sqrt((double) shape.gateWidth() * shape.time());
  }

  private static String name(RecurrentShape shape, String what) {
    return "Recurrence "
        + shape.cell()
        + " "
        + shape.batch()
        + "x"
        + shape.time()
        + "x"
        + shape.width()
        + " "
        + what;
  }
}
