package io.shardfire.worker.nn;

import io.shardfire.worker.program.LastingValues;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A model that predicts tokens: an embedding, blocks, a last norm and a head; and in an
 * encoder-decoder before them an encoder of the source, which the blocks attend to. Units are the
 * embeddings, each block, and the heads.
 *
 * @param source encodes the source; null where there is none
 * @param norm of the stream after the last block; null where blocks normalise it themselves
 * @param sentenceHead predicts classes; or null
 * @param constants tables that the host fills before the first pass
 * @param published names of parameters in checkpoints, by their paths here
 */
public record LanguageModel(
    SourceEncoder source,
    TokenEmbedding embedding,
    BlockStack stack,
    Norm norm,
    TokenHead head,
    SentenceHead sentenceHead,
    List<Constant> constants,
    UnaryOperator<String> published) {
  private static final String EMBEDDING = "embedding";
  private static final String HEAD = "head";

  /** Copies. */
  public LanguageModel {
    constants = List.copyOf(constants);
  }

  /** What the first unit makes; source and biases may be null. */
  private record Embedded(
      Parameter tokens,
      Value stream,
      DistanceBias.Recorded biases,
      SourceEncoder.Embedded source) {}

  /** Losses of the batch, and gradients in a training pass. */
  public Program record(Pass pass) {
    Recording r = new Recording(pass, published);
    Embedded embedded = r.unit(EMBEDDING, () -> embed(r));
    Value stream = blocks(r, embedded);
    r.unit(
        HEAD,
        () -> {
          Value hidden = norm == null ? stream : norm.record(r, stream);
          if (sentenceHead != null) {
            sentenceHead.record(r, hidden);
          }
          // Last, as it may scale the hidden states in place.
          head.record(r, hidden, embedded.tokens());
          return null;
        });
    return r.finish();
  }

  /**
   * One token more of each sequence of a cache.
   *
   * @param cache what the programs of one cache share
   * @param logits of the token after [batch,V], pinned
   */
  public Program recordDecoding(Pass pass, LastingValues cache, Value logits) {
    Recording r = new Recording(pass, published, cache);
    Embedded embedded = r.unit(EMBEDDING, () -> embed(r));
    Value stream = blocks(r, embedded);
    r.unit(
        HEAD,
        () -> {
          Value hidden = norm == null ? stream : norm.record(r, stream);
          head.predict(r, hidden, embedded.tokens(), logits);
          return null;
        });
    return r.finish();
  }

  /**
   * Many tokens more, which only the cache remembers: nothing is predicted.
   *
   * @param cache what the programs of one cache share
   */
  public Program recordPrompt(Pass pass, LastingValues cache) {
    Recording r = new Recording(pass, published, cache);
    blocks(r, r.unit(EMBEDDING, () -> embed(r)));
    return r.finish();
  }

  /**
   * Encodes a source, of which only the cache keeps what the blocks attend to.
   *
   * @param pass over the rows of the source, not one of decoding
   * @param cache what the programs of one cache share
   */
  public Program recordSource(Pass pass, LastingValues cache) {
    Recording r = new Recording(pass, published, cache);
    SourceEncoder.Embedded embedded = r.unit(EMBEDDING, () -> source.embed(r, embedding.tokens(r)));
    stack.keepSource(r, source.record(r, embedded));
    return r.finish();
  }

  /** Decoding finds the source in the cache. */
  private boolean encodes(Recording r) {
    return source != null && !r.pass().decodes();
  }

  private Embedded embed(Recording r) {
    Parameter tokens = embedding.tokens(r);
    return new Embedded(
        tokens,
        embedding.record(r, tokens),
        stack.biases(r),
        encodes(r) ? source.embed(r, tokens) : null);
  }

  private Value blocks(Recording r, Embedded embedded) {
    Value memory = encodes(r) ? source.record(r, embedded.source()) : null;
    return stack.record(r, embedded.stream(), embedded.biases(), memory, null);
  }

  /**
   * What the heads say, in double precision.
   *
   * @param tokens logits [M,V]
   * @param sentences logits [batch, classes]; null where there is no such head
   */
  public record Logits(Tensor tokens, Tensor sentences) {}

  /** Logits of the fields that the reference was given. */
  public Logits reference(Reference r) {
    Tensor tokens = r.scope(EMBEDDING, () -> embedding.tokens(r));
    Tensor embedded = r.scope(EMBEDDING, () -> embedding.reference(r, tokens));
    List<Tensor> biases = r.scope(EMBEDDING, () -> stack.biases(r));
    Tensor memory = source == null ? null : source.reference(r, EMBEDDING, tokens);
    Tensor stream = stack.reference(r, embedded, biases, memory, null);
    return r.scope(
        HEAD,
        () -> {
          Tensor hidden = norm == null ? stream : norm.reference(r, stream);
          return new Logits(
              head.reference(r, hidden, tokens),
              sentenceHead == null ? null : sentenceHead.reference(r, hidden));
        });
  }

  /** Logits [M,V] of ids in double precision. */
  public Tensor reference(Reference r, int[] ids) {
    r.give(embedding.reading().ids(), ids);
    return reference(r).tokens();
  }
}
