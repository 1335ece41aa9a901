package io.shardfire.worker.generate;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.sharding.checkpoint.SafetensorsFile;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.Family;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;

/**
 * The weights of a Hugging Face model folder. Tensor names may carry the prefix of their model,
 * "transformer." or "model.", or not. Where tokens are predicted with the embedding's table, an
 * lm_head.weight must repeat it bit for bit. Other tensors in the files, such as causal masks, are
 * not read.
 */
public record ModelWeights(ModelFolder folder, String name) {
  private static final String UNEMBEDDING = "lm_head.weight";
  private static final int CHUNK = 1 << 16;

  /**
   * Fills all tensors of a layout.
   *
   * @param units where each unit lies
   * @throws CheckpointException naming the first tensor that is missing or has another shape, or an
   *     unembedding that is not the embedding
   */
  public void read(ShardLayout layout, List<FloatRange> units) {
    SortedMap<String, SafetensorsFile.Entry> entries = folder.tensors();
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        FloatRange range = range(layout, tensor, units);
        folder.read(stored(tensor, entries), 0, range.array(), range.offset(), range.length());
      }
    }
    boolean tied = layout.units().stream().noneMatch(ModelWeights::predicts);
    if (tied && entries.containsKey(UNEMBEDDING)) {
      // Every family's first tensor is the table of its tokens.
      TensorSpec embedding = layout.units().get(0).tensors().get(0);
      checkTied(embedding, entries, range(layout, embedding, units));
    }
  }

  /**
   * Reads one tensor.
   *
   * @throws CheckpointException when it is missing or has another shape, naming it
   */
  public float[] read(TensorSpec tensor) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    folder.read(stored(tensor, folder.tensors()), 0, values, 0, values.length);
    return values;
  }

  private static FloatRange range(ShardLayout layout, TensorSpec tensor, List<FloatRange> units) {
    UnitRange range = layout.tensor(tensor.name());
    return units.get(range.unit()).slice(range.offset(), range.length());
  }

  /**
   * Checks that the folder has every tensor of a layout, by the headers of the files.
   *
   * @throws CheckpointException naming the first tensor that is missing or has another shape
   */
  public static void requireFits(ModelFolder folder, String name, ShardLayout layout) {
    ModelWeights weights = new ModelWeights(folder, name);
    SortedMap<String, SafetensorsFile.Entry> entries = folder.tensors();
    for (UnitSpec unit : layout.units()) {
      unit.tensors().forEach(tensor -> weights.stored(tensor, entries));
    }
  }

  /** Whether tokens are predicted with a table of this unit's own. */
  private static boolean predicts(UnitSpec unit) {
    return unit.tensors().stream().anyMatch(tensor -> tensor.name().equals(UNEMBEDDING));
  }

  private void checkTied(
      TensorSpec embedding, SortedMap<String, SafetensorsFile.Entry> entries, FloatRange range) {
    checkShape(UNEMBEDDING, embedding, entries.get(UNEMBEDDING));
    float[] chunk = new float[Math.min(CHUNK, range.length())];
    for (int from = 0; from < range.length(); from += chunk.length) {
      int length = Math.min(chunk.length, range.length() - from);
      folder.read(UNEMBEDDING, from, chunk, 0, length);
      int start = range.offset() + from;
      int at = Arrays.mismatch(chunk, 0, length, range.array(), start, start + length);
      if (at >= 0) {
        int width = embedding.shape().get(1);
        throw new CheckpointException(
            "The unembedding differs from the embedding, though config.json ties the two"
                + " (tie_word_embeddings is not false); export the model again, or remove the one"
                + " that is wrong: folder="
                + name
                + ", tensors="
                + UNEMBEDDING
                + " and "
                + stored(embedding, entries)
                + ", row="
                + (from + at) / width
                + ", column="
                + (from + at) % width
                + ", values="
                + chunk[at]
                + " and "
                + range.array()[start + at]);
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
    checkShape(stored, tensor, entry);
    return stored;
  }

  private void checkShape(String stored, TensorSpec tensor, SafetensorsFile.Entry entry) {
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
  }
}
