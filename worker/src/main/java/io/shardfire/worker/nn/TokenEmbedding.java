package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.kernels.ops.QuantizedMatVec;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.QuantizedParameter;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A vector for each token, and in some models one for each position and each kind of sentence added
 * to it.
 *
 * @param initial values of the table of tokens
 * @param unembeds whether the head multiplies by the table too, so that it may be quantised
 * @param scaled whether the tokens' vectors are multiplied by the root of D
 * @param positions added to the tokens' vectors; or null
 * @param segments added too; or null
 * @param norm of the sum; or null
 * @param reading which sequences of the batch
 */
public record TokenEmbedding(
    int vocabularySize,
    int width,
    Initial initial,
    boolean unembeds,
    boolean scaled,
    PositionTable positions,
    SegmentEmbedding segments,
    Norm norm,
    Dropped dropout,
    Reading reading) {
  private static final String TOKENS = "tokens.weight";

  /**
   * The sequences that are embedded.
   *
   * @param ids [batch * time, 1]
   * @param time tokens of each
   * @param position of the first token of each sequence, when decoding [batch,1]
   */
  public record Reading(Value ids, int time, Value position) {}

  /** The table of tokens [V,D], which a second embedding and an unembedding may share. */
  public Parameter tokens(Recording r) {
    return r.parameter(TOKENS, initial, true, vocabularySize, width);
  }

  /** The residual stream of the ids. */
  public Value record(Recording r, Parameter tokens) {
    Value ids = reading.ids();
    Parameter learned = positions == null ? null : positions.learned(r);
    Value out = r.activation("output", ids.rows(), width);
    boolean quantized = unembeds && r.pass().weights().quantizes();
    // Added at once where nothing stands between the two.
    PositionTable added = scaled || quantized ? null : positions;
    if (quantized) {
      lookUp(r, tokens, out);
    } else {
      look(r, tokens, added, learned, out);
    }
    r.backward(() -> backward(r, out, tokens, added == null ? null : learned));
    if (scaled) {
      new Scaling((float) StrictMath.sqrt(width)).inPlace(r, out);
    }
    if (positions != null && added == null) {
      positions.add(r, out, learned, reading);
    }
    if (segments != null) {
      segments.add(r, out);
    }
    return dropout.inPlace(r, norm == null ? out : norm.record(r, out));
  }

  /** Rows of a table that is quantised. */
  private void lookUp(Recording r, Parameter tokens, Value out) {
    QuantizedParameter table =
        new QuantizedParameter(tokens, r.pass().weights(), vocabularySize, width, false);
    r.emit(
        out.name(),
        List.of(reading.ids(), table),
        List.of(out),
        (recorder, spans) ->
            QuantizedMatVec.lookUp(
                recorder, spans.of(reading.ids()), spans.of(table), spans.of(out)));
  }

  private void look(
      Recording r, Parameter tokens, PositionTable added, Parameter learned, Value out) {
    List<Operand> reads = new ArrayList<>(List.of(reading.ids()));
    if (added != null) {
      reads.add(added.operand(learned));
    }
    // Only a table of positions needs to know where a sequence stands.
    boolean placed = r.pass().decodes() && added != null;
    StoredParameter stored = StoredParameter.of(r, tokens);
    if (placed) {
      reads.addAll(List.of(reading.position(), tokens));
    } else {
      reads.add(stored.operand());
    }
    int time = reading.time();
    r.emit(
        out.name(),
        reads,
        List.of(out),
        (recorder, spans) -> {
          Span table = added == null ? null : added.span(spans, learned);
          if (placed) {
            Embedding.forwardAt(
                recorder,
                out.rows(),
                time,
                width,
                spans.of(reading.ids()),
                spans.of(reading.position()),
                spans.of(tokens),
                table,
                spans.of(out));
          } else {
            Embedding.forward(
                recorder,
                out.rows(),
                time,
                spans.of(reading.ids()),
                stored.in(spans),
                table == null ? null : table.slice(0, time * width),
                spans.of(out));
          }
        });
  }

  private void backward(Recording r, Value out, Parameter tokens, Parameter learned) {
    int time = reading.time();
    Value dout = r.gradient(out);
    ParameterGradient dtokens = r.gradient(tokens);
    ParameterGradient dlearned = learned == null ? null : r.gradient(learned);
    List<Operand> writes = new ArrayList<>(List.of(dtokens));
    if (dlearned != null) {
      writes.add(dlearned);
    }
    r.emit(
        dtokens.name(),
        List.of(reading.ids(), dout),
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
              spans.of(reading.ids()),
              spans.of(dout),
              spans.of(dtokens),
              dlearned == null ? null : spans.of(dlearned).slice(0, time * width),
              dlearned != null && spans.accumulates(dlearned));
        });
  }

  /** The table of tokens in double precision. */
  public Tensor tokens(Reference r) {
    return r.parameter(TOKENS, vocabularySize, width);
  }

  /** The stream in double precision. */
  public Tensor reference(Reference r, Tensor tokens) {
    Tensor stream = r.tape().gather(tokens, r.input(reading.ids()));
    if (scaled) {
      stream = r.tape().scale(stream, StrictMath.sqrt(width));
    }
    if (positions != null) {
      stream = r.tape().add(stream, positions.reference(r, stream.rows(), reading.time()));
    }
    if (segments != null) {
      stream = r.tape().add(stream, segments.reference(r));
    }
    return dropout.reference(r, norm == null ? stream : norm.reference(r, stream));
  }
}
