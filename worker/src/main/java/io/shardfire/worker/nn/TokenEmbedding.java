package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.kernels.ops.Embedding;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/**
 * A vector for each token plus one for each position.
 *
 * @param context most positions
 * @param batch where the ids stand
 */
public record TokenEmbedding(
    int vocabularySize,
    int context,
    int width,
    Initial initial,
    Dropped dropout,
    TokenBatch batch) {
  private static final String TOKENS = "tokens.weight";
  private static final String POSITIONS = "positions.weight";

  /**
   * What an embedding makes.
   *
   * @param stream [M,D]
   * @param tokens the table [V,D], for an unembedding that shares it
   */
  public record Embedded(Value stream, Parameter tokens) {}

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
    Parameter positions = r.parameter(POSITIONS, initial, true, context, width);
    Value out = r.rows("output", width);
    if (r.pass().decodes()) {
      r.emit(
          out.name(),
          List.of(batch.ids(), batch.position(), tokens, positions),
          List.of(out),
          (recorder, spans) ->
              Embedding.forwardAt(
                  recorder,
                  1,
                  width,
                  spans.of(batch.ids()),
                  spans.of(batch.position()),
                  spans.of(tokens),
                  spans.of(positions),
                  spans.of(out)));
      return new Embedded(out, tokens);
    }
    int time = r.pass().time();
    r.emit(
        out.name(),
        List.of(batch.ids(), tokens, positions),
        List.of(out),
        (recorder, spans) ->
            Embedding.forward(
                recorder,
                out.rows(),
                time,
                width,
                spans.of(batch.ids()),
                spans.of(tokens),
                spans.of(positions).slice(0, time * width),
                spans.of(out)));
    r.backward(() -> backward(r, out, tokens, positions));
    return new Embedded(dropout.inPlace(r, out), tokens);
  }

  private void backward(Recording r, Value out, Parameter tokens, Parameter positions) {
    int time = r.pass().time();
    Value dout = r.gradient(out);
    ParameterGradient dtokens = r.gradient(tokens);
    ParameterGradient dpositions = r.gradient(positions);
    r.emit(
        dtokens.name(),
        List.of(batch.ids(), dout),
        List.of(dtokens, dpositions),
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
              positionGradient(spans, dpositions, time),
              spans.accumulates(dpositions));
        });
  }

  private Span positionGradient(Spans spans, ParameterGradient dpositions, int time) {
    return spans.of(dpositions).slice(0, time * width);
  }

  /** The stream in double precision. */
  public Tensor reference(Reference r, int[] ids) {
    int[] positions = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      positions[i] = i % r.pass().time();
    }
    Tensor sum =
        r.tape()
            .add(
                r.tape().gather(tokens(r), ids),
                r.tape().gather(r.parameter(POSITIONS, context, width), positions));
    return dropout.reference(r, sum);
  }

  /** The table, in the scope of this module. */
  Tensor tokens(Reference r) {
    return r.parameter(TOKENS, vocabularySize, width);
  }
}
