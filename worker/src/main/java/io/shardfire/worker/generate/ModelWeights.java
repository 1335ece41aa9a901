package io.shardfire.worker.generate;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.sharding.checkpoint.SafetensorsFile;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.Family;
import java.util.List;
import java.util.SortedMap;

/**
 * The weights of a Hugging Face model folder. Tensor names may carry the prefix of their model,
 * "transformer." or "model.", or not. Other tensors in the files, such as causal masks and the tied
 * lm_head.weight, are not read.
 */
record ModelWeights(ModelFolder folder, String name) {

  /**
   * Fills all tensors of a layout.
   *
   * @throws CheckpointException naming the first tensor that is missing or has another shape
   */
  void read(ShardLayout layout, float[] parameters) {
    SortedMap<String, SafetensorsFile.Entry> entries = folder.tensors();
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        FlatRange range = layout.tensor(tensor.name());
        folder.read(stored(tensor, entries), 0, parameters, range.offset(), range.length());
      }
    }
  }

  /** The tensor's name in the files. */
  private String stored(TensorSpec tensor, SortedMap<String, SafetensorsFile.Entry> entries) {
    String stored =
        entries.containsKey(tensor.name()) ? tensor.name() : Family.shortName(tensor.name());
    SafetensorsFile.Entry entry = entries.get(stored);
    if (entry == null) {
      throw new CheckpointException(
          "The model folder lacks a tensor that config.json asks for: folder="
              + name
              + ", tensor="
              + tensor.name());
    }
    List<Long> expected = tensor.shape().stream().map(Integer::longValue).toList();
    if (!entry.shape().equals(expected)) {
      throw new CheckpointException(
          "A tensor has another shape than config.json asks for: folder="
              + name
              + ", tensor="
              + stored
              + ", shape="
              + entry.shape()
              + ", expected="
              + expected);
    }
    return stored;
  }
}
