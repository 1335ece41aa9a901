package io.shardfire.worker.nn;

import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.List;

/**
 * Blocks one after another, each a unit.
 *
 * @param unit name of the units, without their numbers
 * @param biases of all blocks' self-attention; or null
 */
public record BlockStack(String unit, List<Block> blocks, DistanceBias biases) {
  /** Copies. */
  public BlockStack {
    blocks = List.copyOf(blocks);
  }

  /** The biases, in the unit and scope that holds their table; null where there are none. */
  DistanceBias.Recorded biases(Recording r) {
    return biases == null ? null : biases.record(r);
  }

  /** The biases of each head in double precision. */
  List<Tensor> biases(Reference r) {
    return biases == null ? null : biases.reference(r);
  }

  /**
   * The residual stream after the last block.
   *
   * @param memory the output of an encoder; null where there is none
   * @param last follows the last block, in its unit; or null
   */
  Value record(
      Recording r, Value embedded, DistanceBias.Recorded recorded, Value memory, Norm last) {
    Value stream = embedded;
    for (int layer = 0; layer < blocks.size(); layer++) {
      Block block = blocks.get(layer);
      Norm norm = layer == blocks.size() - 1 ? last : null;
      Value x = stream;
      stream =
          r.unit(
              unit + layer,
              () -> {
                Value y =
                    r.pass().recomputesBlocks()
                        ? r.recompute(x, input -> block.record(r, input, recorded, memory))
                        : block.record(r, x, recorded, memory);
                return norm == null ? y : norm.record(r, y);
              });
    }
    return stream;
  }

  /** Keeps what the blocks' cross attention reads of an encoder's output, for decoding. */
  void keepSource(Recording r, Value memory) {
    for (int layer = 0; layer < blocks.size(); layer++) {
      Block block = blocks.get(layer);
      r.unit(
          unit + layer,
          () -> {
            block.keepSource(r, memory);
            return null;
          });
    }
  }

  /** The same in double precision. */
  Tensor reference(Reference r, Tensor embedded, List<Tensor> recorded, Tensor memory, Norm last) {
    Tensor stream = embedded;
    for (int layer = 0; layer < blocks.size(); layer++) {
      Block block = blocks.get(layer);
      Norm norm = layer == blocks.size() - 1 ? last : null;
      Tensor x = stream;
      stream =
          r.scope(
              unit + layer,
              () -> {
                Tensor y = block.reference(r, x, recorded, memory);
                return norm == null ? y : norm.reference(r, y);
              });
    }
    return stream;
  }
}
