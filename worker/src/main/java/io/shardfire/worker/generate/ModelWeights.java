package io.shardfire.worker.generate;

import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.sharding.checkpoint.SafetensorsFile;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * The weights of a Hugging Face model folder. Tensor names may carry the prefix of their model,
 * "transformer." or "model.", or not. Where a family ties tables to that of the tokens, files may
 * repeat it, bit for bit, and may leave out such a table of its own. Buffers that a family is known
 * to have, such as causal masks, are not read; any other tensor that the model lacks is an error,
 * as one that is missing.
 */
public record ModelWeights(ModelFolder folder, String name) {
  private static final int CHUNK = 1 << 16;

  /**
   * Fills all tensors of a layout.
   *
   * @param units where each unit lies
   * @throws CheckpointException listing the tensors that are missing or unexpected, or naming the
   *     first that has another shape, or a table that is not the one it is tied to
   */
  public void read(ShardLayout layout, List<FloatRange> units) {
    read(
        layout,
        new WeightSource.Target() {
          @Override
          public FloatRange place(TensorSpec tensor) {
            UnitRange range = layout.tensor(tensor.name());
            return units.get(range.unit()).slice(range.offset(), range.length());
          }

          @Override
          public void written(TensorSpec tensor, FloatRange values) {}
        });
  }

  /**
   * The same, a tensor at a time.
   *
   * @throws CheckpointException as above
   */
  public void read(ShardLayout layout, WeightSource.Target target) {
    SortedMap<String, SafetensorsFile.Entry> entries = folder.tensors();
    Family family = family();
    List<TensorSpec> tensors = tensors(layout);
    checkNames(family, tensors, entries);
    for (TensorSpec tensor : tensors) {
      FloatRange range = target.place(tensor);
      String stored = checkedName(tensor, family, tensors, entries);
      folder.read(stored, 0, range.array(), range.offset(), range.length());
      if (tensor.equals(embedding(tensors))) {
        checkCopies(family, tensors, entries, range);
      }
      target.written(tensor, range);
    }
  }

  private void checkCopies(
      Family family,
      List<TensorSpec> tensors,
      SortedMap<String, SafetensorsFile.Entry> entries,
      FloatRange embedding) {
    for (String copy : family.copies()) {
      boolean own = tensors.stream().anyMatch(tensor -> tensor.name().equals(copy));
      if (!own && entries.containsKey(copy)) {
        checkTied(copy, embedding(tensors), entries, embedding);
      }
    }
  }

  /**
   * Reads one tensor.
   *
   * @throws CheckpointException when it is missing or has another shape, naming it
   */
  public float[] read(TensorSpec tensor) {
    SortedMap<String, SafetensorsFile.Entry> entries = folder.tensors();
    String stored = stored(tensor, entries);
    if (!entries.containsKey(stored)) {
      throw new CheckpointException(
          "The model folder lacks a tensor that config.json asks for: folder="
              + name
              + ", tensor="
              + tensor.name());
    }
    checkShape(stored, tensor, entries.get(stored));
    float[] values = new float[Math.toIntExact(tensor.elements())];
    folder.read(stored, 0, values, 0, values.length);
    return values;
  }

  /**
   * Checks that the folder has the tensors of a layout, by the headers of the files.
   *
   * @throws CheckpointException listing those that are missing or unexpected, or naming the first
   *     that has another shape
   */
  public static void requireFits(ModelFolder folder, String name, ShardLayout layout) {
    ModelWeights weights = new ModelWeights(folder, name);
    SortedMap<String, SafetensorsFile.Entry> entries = folder.tensors();
    Family family = weights.family();
    List<TensorSpec> tensors = tensors(layout);
    weights.checkNames(family, tensors, entries);
    tensors.forEach(tensor -> weights.checkedName(tensor, family, tensors, entries));
  }

  private Family family() {
    return Family.of(ConfigurationFile.read(folder.document(ConfigurationFile.NAME)));
  }

  private static List<TensorSpec> tensors(ShardLayout layout) {
    return layout.units().stream().flatMap(unit -> unit.tensors().stream()).toList();
  }

  /** Every family's first tensor is the table of its tokens. */
  private static TensorSpec embedding(List<TensorSpec> tensors) {
    return tensors.get(0);
  }

  private void checkNames(
      Family family, List<TensorSpec> tensors, SortedMap<String, SafetensorsFile.Entry> entries) {
    List<String> missing = new ArrayList<>();
    Set<String> unexpected = new TreeSet<>(entries.keySet());
    unexpected.removeIf(family::ignores);
    family.copies().forEach(unexpected::remove);
    for (TensorSpec tensor : tensors) {
      String stored = stored(tensor, entries);
      if (!entries.containsKey(stored) && !isLeftOut(tensor, family, entries)) {
        missing.add(tensor.name());
      }
      unexpected.remove(stored);
    }
    if (!missing.isEmpty() || !unexpected.isEmpty()) {
      throw new CheckpointException(
          "The tensors of the model folder are not those of the model; export it again, or describe"
              + " it as it is: folder="
              + name
              + ", family="
              + family
              + ", missing="
              + missing
              + ", unexpected="
              + unexpected);
    }
  }

  private void checkTied(
      String copy,
      TensorSpec embedding,
      SortedMap<String, SafetensorsFile.Entry> entries,
      FloatRange range) {
    checkShape(copy, embedding, entries.get(copy));
    float[] chunk = new float[Math.min(CHUNK, range.length())];
    for (int from = 0; from < range.length(); from += chunk.length) {
      int length = Math.min(chunk.length, range.length() - from);
      folder.read(copy, from, chunk, 0, length);
      int start = range.offset() + from;
      int at = Arrays.mismatch(chunk, 0, length, range.array(), start, start + length);
      if (at >= 0) {
        int width = embedding.shape().get(1);
        throw new CheckpointException(
            "A table differs from that of the tokens, though config.json ties the two"
                + " (tie_word_embeddings is not false); export the model again, or remove the one"
                + " that is wrong: folder="
                + name
                + ", tensors="
                + copy
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

  /** Whether a tensor may begin as the table of tokens, because files have only that. */
  private static boolean isLeftOut(
      TensorSpec tensor, Family family, SortedMap<String, SafetensorsFile.Entry> entries) {
    return family.copies().contains(tensor.name())
        && entries.keySet().stream().noneMatch(family.copies()::contains);
  }

  /** The tensor's name in the files, if it is there. */
  private static String stored(
      TensorSpec tensor, SortedMap<String, SafetensorsFile.Entry> entries) {
    return entries.containsKey(tensor.name()) ? tensor.name() : Family.shortName(tensor.name());
  }

  /** The name of what a tensor is read from, which has its shape. */
  private String checkedName(
      TensorSpec tensor,
      Family family,
      List<TensorSpec> tensors,
      SortedMap<String, SafetensorsFile.Entry> entries) {
    boolean leftOut = isLeftOut(tensor, family, entries);
    String stored = stored(leftOut ? embedding(tensors) : tensor, entries);
    checkShape(stored, tensor, entries.get(stored));
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
