package io.shardfire.worker.nn;

import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A decoder-only transformer: embedding, blocks, a last norm, and a table of tokens to predict the
 * next one with. Units are the embedding, each block, and the head.
 *
 * @param constants tables that the host fills before the first pass
 * @param published names of parameters in checkpoints, by their paths here
 */
public record CausalLanguageModel(
    TokenEmbedding embedding,
    List<TransformerBlock> blocks,
    Norm norm,
    NextTokenHead head,
    List<Constant> constants,
    UnaryOperator<String> published) {
  private static final String EMBEDDING = "embedding";
  private static final String BLOCK = "block-";
  private static final String HEAD = "head";

  /** Copies. */
  public CausalLanguageModel {
    blocks = List.copyOf(blocks);
    constants = List.copyOf(constants);
  }

  /** Losses of the batch, and gradients in a training pass. */
  public Program record(Pass pass) {
    Recording r = new Recording(pass, published);
    TokenEmbedding.Embedded embedded = r.unit(EMBEDDING, () -> embedding.record(r));
    Value stream = blocks(r, embedded.stream());
    r.unit(
        HEAD,
        () -> {
          head.record(r, norm.record(r, stream), embedded.tokens());
          return null;
        });
    return r.finish();
  }

  /**
   * One token, at the batch's position.
   *
   * @param logits [1,V], pinned; written by the last stage only
   */
  public Program recordDecoding(Value logits) {
    Recording r = new Recording(Pass.decoding(), published);
    TokenEmbedding.Embedded embedded = r.unit(EMBEDDING, () -> embedding.record(r));
    Value stream = blocks(r, embedded.stream());
    r.unit(
        HEAD,
        () -> {
          head.predict(r, norm.record(r, stream), embedded.tokens(), logits);
          return null;
        });
    return r.finish();
  }

  private Value blocks(Recording r, Value embedded) {
    Value stream = embedded;
    for (int layer = 0; layer < blocks.size(); layer++) {
      TransformerBlock block = blocks.get(layer);
      Value x = stream;
      stream =
          r.unit(
              BLOCK + layer,
              () ->
                  r.pass().recomputesBlocks()
                      ? r.recompute(x, input -> block.record(r, input))
                      : block.record(r, x));
    }
    return stream;
  }

  /** Logits [M,V] in double precision. */
  public Tensor reference(Reference r, int[] ids) {
    Tensor stream = r.scope(EMBEDDING, () -> embedding.reference(r, ids));
    for (int layer = 0; layer < blocks.size(); layer++) {
      TransformerBlock block = blocks.get(layer);
      Tensor x = stream;
      stream = r.scope(BLOCK + layer, () -> block.reference(r, x));
    }
    Tensor last = stream;
    Tensor tokens = r.scope(EMBEDDING, () -> embedding.tokens(r));
    return r.scope(HEAD, () -> head.reference(r, norm.reference(r, last), tokens));
  }
}
