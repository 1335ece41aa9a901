package io.shardfire.worker.nn;

import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/**
 * The encoder beside a decoder: what its last block makes is what the decoder attends to.
 *
 * @param embedding of the source
 * @param sharesTokens whether the decoder's table of tokens embeds the source too
 * @param norm of the stream after the last block; null where blocks normalise it themselves
 */
public record SourceEncoder(
    TokenEmbedding embedding, boolean sharesTokens, BlockStack stack, Norm norm) {
  private static final String SCOPE = "source";

  /** What the unit of the embeddings makes; biases may be null. */
  record Embedded(Value stream, DistanceBias.Recorded biases) {}

  /** The residual stream of the source, in the unit of the decoder's embedding. */
  Embedded embed(Recording r, Parameter decoderTokens) {
    return r.scope(
        SCOPE,
        () -> {
          Parameter tokens = sharesTokens ? decoderTokens : embedding.tokens(r);
          return new Embedded(embedding.record(r, tokens), stack.biases(r));
        });
  }

  /** The source encoded [source rows, D]. */
  Value record(Recording r, Embedded embedded) {
    return stack.record(r, embedded.stream(), embedded.biases(), null, norm);
  }

  /** The same in double precision, the embedding in the scope of its unit. */
  Tensor reference(Reference r, String unit, Tensor decoderTokens) {
    record Start(Tensor stream, List<Tensor> biases) {}
    Start start =
        r.scope(
            unit,
            () ->
                r.scope(
                    SCOPE,
                    () -> {
                      Tensor tokens = sharesTokens ? decoderTokens : embedding.tokens(r);
                      return new Start(embedding.reference(r, tokens), stack.biases(r));
                    }));
    return stack.reference(r, start.stream(), start.biases(), null, norm);
  }
}
