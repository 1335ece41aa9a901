package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.kernels.reference.PositionReference;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A vector for each token, and in some models one for each position added to it.
 *
 * @param context most positions
 * @param initial values of both tables
 * @param positions which table of positions is added
 * @param sinusoids [context,D], with {@link Positions#SINUSOIDAL}; else null
 * @param batch where the ids stand
 */
public record TokenEmbedding(
    int vocabularySize,
    int context,
    int width,
    Initial initial,
    Positions positions,
    Value sinusoids,
    Dropped dropout,
    TokenBatch batch) {
  private static final String TOKENS = "tokens.weight";
  private static final String POSITIONS = "positions.weight";
  private static final double SINUSOID_BASE = 10_000;

  /** Which positions are added to the tokens' vectors. */
  public enum Positions {
    /** None: attention knows them, or nothing does. */
    NONE,
    /** A trained table. */
    LEARNED,
    /** The sines and cosines of Vaswani et al. (2017). */
    SINUSOIDAL
  }

  /**
   * What an embedding makes.
   *
   * @param stream [M,D]
   * @param tokens the table [V,D], for an unembedding that shares it
   */
  public record Embedded(Value stream, Parameter tokens) {}

  /** A table of sines and cosines. */
  public static Value sinusoidTable(int context, int width) {
    return Value.pinned("sinusoids", context, width);
  }

  /** The tables that the host fills. */
  public List<Constant> constants() {
    return sinusoids == null
        ? List.of()
        : List.of(
            new Constant(
                sinusoids,
                span ->
                    io.shardfire.kernels.ops.Positions.writeSinusoids(span, width, SINUSOID_BASE)));
  }

  /** The residual stream of the batch's ids. */
  public Embedded record(Recording r) {
    if (r.pass().time() > context) {
      throw new IllegalArgumentException(
          "A pass has at most context tokens in each sequence: time="
              + r.pass().time()
              + ", context="
              + context);
    }
    Parameter tokens = r.parameter(TOKENS, initial, true, vocabularySize, width);
    Parameter learned =
        positions == Positions.LEARNED
            ? r.parameter(POSITIONS, initial, true, context, width)
            : null;
    Value out = r.rows("output", width);
    forward(r, tokens, learned, out);
    r.backward(() -> backward(r, out, tokens, learned));
    return new Embedded(dropout.inPlace(r, out), tokens);
  }

  private void forward(Recording r, Parameter tokens, Parameter learned, Value out) {
    List<Operand> reads = new ArrayList<>(List.of(batch.ids(), tokens));
    if (learned != null) {
      reads.add(learned);
    } else if (sinusoids != null) {
      reads.add(sinusoids);
    }
    // One row is row 0 of a pass; only a table of positions needs to know which it is.
    boolean placed = r.pass().decodes() && reads.size() > 2;
    if (placed) {
      reads.add(batch.position());
    }
    int time = r.pass().time();
    r.emit(
        out.name(),
        reads,
        List.of(out),
        (recorder, spans) -> {
          Span table = null;
          if (learned != null) {
            table = spans.of(learned);
          } else if (sinusoids != null) {
            table = spans.of(sinusoids);
          }
          if (placed) {
            Embedding.forwardAt(
                recorder,
                1,
                width,
                spans.of(batch.ids()),
                spans.of(batch.position()),
                spans.of(tokens),
                table,
                spans.of(out));
          } else {
            Embedding.forward(
                recorder,
                out.rows(),
                time,
                width,
                spans.of(batch.ids()),
                spans.of(tokens),
                table == null ? null : table.slice(0, time * width),
                spans.of(out));
          }
        });
  }

  private void backward(Recording r, Value out, Parameter tokens, Parameter learned) {
    int time = r.pass().time();
    Value dout = r.gradient(out);
    ParameterGradient dtokens = r.gradient(tokens);
    ParameterGradient dlearned = learned == null ? null : r.gradient(learned);
    List<Operand> writes = new ArrayList<>(List.of(dtokens));
    if (dlearned != null) {
      writes.add(dlearned);
    }
    r.emit(
        dtokens.name(),
        List.of(batch.ids(), dout),
        writes,
        (recorder, spans) -> {
          if (!spans.accumulates(dtokens)) {
            // The kernel only ever adds, as only the rows of these tokens change.
            Elementwise.fill(recorder, spans.of(dtokens), 0);
          }
          Embedding.backward(
              recorder,
              out.rows(),
              time,
              width,
              spans.of(batch.ids()),
              spans.of(dout),
              spans.of(dtokens),
              dlearned == null ? null : spans.of(dlearned).slice(0, time * width),
              dlearned != null && spans.accumulates(dlearned));
        });
  }

  /** The stream in double precision. */
  public Tensor reference(Reference r, int[] ids) {
    Tensor stream = r.tape().gather(tokens(r), ids);
    int[] rows = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      rows[i] = i % r.pass().time();
    }
    if (positions == Positions.LEARNED) {
      Tensor table = r.parameter(POSITIONS, context, width);
      stream = r.tape().add(stream, r.tape().gather(table, rows));
    } else if (positions == Positions.SINUSOIDAL) {
      double[] table =
          PositionReference.addSinusoids(
              new double[context * width], width, SINUSOID_BASE, 0, context);
      stream = r.tape().add(stream, r.tape().gather(r.tape().leaf(context, width, table), rows));
    }
    return dropout.reference(r, stream);
  }

  /** The table, in the scope of this module. */
  Tensor tokens(Reference r) {
    return r.parameter(TOKENS, vocabularySize, width);
  }
}
