package io.shardfire.worker.inspect;

import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.nn.CrossAttention;

/** The weights of one attention for one sequence. Tq queries, Tk keys, H heads. Immutable. */
public final class AttentionLayer {
  private final String name;
  private final AttentionShape shape;
  private final float[] weights;

  /**
   * Weights of a layer.
   *
   * @param name its place in the model, such as {@code block-0 attention}
   * @param weights [H, Tq, Tk], not copied
   */
  AttentionLayer(String name, AttentionShape shape, float[] weights) {
    this.name = name;
    this.shape = shape;
    this.weights = weights;
  }

  /** Its place in the model, such as {@code block-0 attention}. */
  public String name() {
    return name;
  }

  /** Whether the queries are those of the source that an encoder reads beside a decoder. */
  public boolean isOfSource() {
    return name.startsWith(Architecture.SOURCE_UNIT);
  }

  /** Whether the keys are. */
  public boolean readsSource() {
    return isOfSource() || name.endsWith(CrossAttention.NAME);
  }

  /** H. */
  public int heads() {
    return shape.heads();
  }

  /** Tq. */
  public int queries() {
    return shape.queries();
  }

  /** Tk. */
  public int keys() {
    return shape.keys();
  }

  /** The share of a key in what a query of a head attends to; those of a query sum up to 1. */
  public float weight(int head, int query, int key) {
    return weights[(head * queries() + query) * keys() + key];
  }
}
