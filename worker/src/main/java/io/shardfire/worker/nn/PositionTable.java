package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Positions;
import io.shardfire.kernels.reference.PositionReference;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A vector for each position.
 *
 * @param context most positions
 * @param initial values of a trained table; null where it is computed
 * @param sinusoids [context,D] of sines and cosines (Vaswani et al., 2017); null where the table is
 *     trained
 * @param halves whether all sines stand before all cosines, instead of in turn
 */
public record PositionTable(
    int context, int width, Initial initial, Value sinusoids, boolean halves) {
  private static final String POSITIONS = "positions.weight";
  private static final double BASE = 10_000;

  /** A trained table. */
  public static PositionTable learned(int context, int width, Initial initial) {
    return new PositionTable(context, width, initial, null, false);
  }

  /** A table of sines and cosines. */
  public static PositionTable sinusoidal(int context, int width, boolean halves) {
    return new PositionTable(
        context, width, null, Value.pinned("sinusoids", context, width), halves);
  }

  /** The table that the host fills, if it does. */
  public Optional<Constant> constant() {
    return Optional.ofNullable(sinusoids).map(table -> new Constant(table, this::write));
  }

  private void write(Span span) {
    Positions.writeSinusoids(span, width, BASE);
    if (halves) {
      float[] array = span.arena().array();
      float[] row = new float[width];
      for (int from = span.offset(); from < span.offset() + span.length(); from += width) {
        System.arraycopy(array, from, row, 0, width);
        for (int i = 0; i < width; i++) {
          array[from + half(i)] = row[i];
        }
      }
      span.upload();
    }
  }

  /** Where column i of a table in turn lies in one of halves. */
  private int half(int i) {
    return i % 2 * ((width + 1) / 2) + i / 2;
  }

  /** The trained table; null where it is computed. */
  Parameter learned(Recording r) {
    return initial == null ? null : r.parameter(POSITIONS, initial, true, context, width);
  }

  /** The table, given the trained one. */
  Operand operand(Parameter learned) {
    return learned == null ? sinusoids : learned;
  }

  /** Where the table lies. */
  Span span(Spans spans, Parameter learned) {
    return learned == null ? spans.of(sinusoids) : spans.of(learned);
  }

  /** Adds the vectors to x, in place. */
  void add(Recording r, Value x, Parameter learned, TokenEmbedding.Reading reading) {
    List<Operand> reads = new ArrayList<>(List.of(x, operand(learned)));
    boolean placed = r.pass().decodes();
    if (placed) {
      reads.add(reading.position());
    }
    r.emit(
        x.name() + " placed",
        reads,
        List.of(x),
        (recorder, spans) ->
            Positions.add(
                recorder,
                x.rows(),
                reading.time(),
                width,
                spans.of(x),
                span(spans, learned),
                placed ? spans.of(reading.position()) : null,
                spans.of(x)));
    if (learned != null) {
      r.backward(() -> backward(r, x, learned, reading.time()));
    }
  }

  private void backward(Recording r, Value x, Parameter learned, int time) {
    Value dx = r.gradient(x);
    ParameterGradient dlearned = r.gradient(learned);
    r.emit(
        dlearned.name(),
        List.of(dx),
        List.of(dlearned),
        (recorder, spans) ->
            Positions.backward(
                recorder,
                x.rows(),
                time,
                width,
                spans.of(dx),
                spans.of(dlearned).slice(0, time * width),
                spans.accumulates(dlearned)));
  }

  /** The vectors of so many rows in double precision. */
  Tensor reference(Reference r, int rows, int time) {
    int[] places = new int[rows];
    for (int i = 0; i < rows; i++) {
      places[i] = i % time;
    }
    if (initial != null) {
      return r.tape().gather(r.parameter(POSITIONS, context, width), places);
    }
    double[] inTurn =
        PositionReference.addSinusoids(new double[context * width], width, BASE, 0, context);
    double[] table = inTurn.clone();
    for (int i = 0; halves && i < table.length; i++) {
      table[i / width * width + half(i % width)] = inTurn[i];
    }
    return r.tape().gather(r.tape().leaf(context, width, table), places);
  }
}
