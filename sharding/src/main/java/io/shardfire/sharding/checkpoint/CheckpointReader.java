package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.sharding.layout.UnitSpec;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;

/**
 * Reads a committed checkpoint at any world size, by byte ranges. Holds no open files between
 * calls. Thread-safe.
 */
public final class CheckpointReader {
  private final CheckpointStore store;
  private final Path folder;
  private final Manifest manifest;

  private CheckpointReader(CheckpointStore store, Path folder, Manifest manifest) {
    this.store = store;
    this.folder = folder;
    this.manifest = manifest;
  }

  /**
   * Opens a step. All hashes are compared, unless the same store has verified the step before (as
   * {@link CheckpointStore#newestValid} does).
   *
   * @throws CheckpointException when it is not committed or a file is damaged
   */
  public static CheckpointReader open(CheckpointStore store, long step) {
    return open(store, step, store.verifyOnce(step));
  }

  /**
   * Opens a step of which another process has compared the hashes a moment ago; only the manifest
   * is read here, so that each of many ranks reads no more than its part.
   *
   * @throws CheckpointException when it is not committed
   */
  public static CheckpointReader openVerified(CheckpointStore store, long step) {
    return open(store, step, List.of());
  }

  private static CheckpointReader open(CheckpointStore store, long step, List<String> problems) {
    Manifest manifest = store.manifest(step);
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          "Checkpoint is damaged: step="
              + step
              + ", problems="
              + String.join("; ", problems)
              + "; use another step, committed are "
              + store.committedSteps());
    }
    return new CheckpointReader(store, store.folder(step), manifest);
  }

  /** The manifest. */
  public Manifest manifest() {
    return manifest;
  }

  /** The text of config.json, tokenizer.json or trainer.json. */
  public String document(String name) {
    return ModelFolder.document(store.files(), folder, name);
  }

  /**
   * Checks, by the headers of the files, that the checkpoint has all tensors of the layout and all
   * moments of the optimizer.
   *
   * @throws CheckpointException naming what is missing, unexpected or of another shape
   */
  public void requireFits(ShardLayout layout, MomentSet moments) {
    try (ModelFolder model = ModelFolder.open(store.files(), folder)) {
      checkTensors(layout, model.tensors());
    }
    MomentFiles.open(store.files(), folder, manifest, moments).close();
  }

  /**
   * Fills all tensors of the layout; gaps and padding become zero. Names and shapes must match.
   *
   * @param units where each unit lies
   * @throws CheckpointException naming tensors that are missing, unexpected or of another shape
   */
  public void readParameters(ShardLayout layout, List<FloatRange> units) {
    try (ModelFolder model = ModelFolder.open(store.files(), folder)) {
      checkTensors(layout, model.tensors());
      for (int u = 0; u < units.size(); u++) {
        FloatRange unit = units.get(u);
        Arrays.fill(unit.array(), unit.offset(), unit.offset() + unit.length(), 0f);
        for (TensorSpec tensor : layout.units().get(u).tensors()) {
          UnitRange range = layout.tensor(tensor.name());
          int offset = unit.offset() + range.offset();
          model.read(tensor.name(), 0, unit.array(), offset, range.length());
        }
      }
    }
  }

  /**
   * Fills whole moments, all ranks' shards of them. Padding becomes zero.
   *
   * @param units where each unit lies, in each moment
   * @throws CheckpointException when the moments are of another model or optimizer, or incomplete
   */
  public void readMoments(MomentSet moments, List<List<FloatRange>> units) {
    ShardLayout layout = moments.layout();
    try (MomentFiles files = MomentFiles.open(store.files(), folder, manifest, moments)) {
      for (int rank = 0; rank < layout.worldSize(); rank++) {
        int owner = rank;
        files.read(
            moments, rank, units.stream().map(moment -> shards(layout, owner, moment)).toList());
      }
    }
  }

  private static List<FloatRange> shards(ShardLayout layout, int rank, List<FloatRange> units) {
    return IntStream.range(0, units.size())
        .mapToObj(unit -> layout.shard(unit, rank))
        .map(shard -> units.get(shard.unit()).slice(shard.offset(), shard.length()))
        .toList();
  }

  /**
   * Fills the shards of one rank. Padding becomes zero.
   *
   * @param shards where the rank's shard of each unit lies, in each moment
   * @throws CheckpointException when the moments are of another model or optimizer, or incomplete
   */
  public void readMoments(MomentSet moments, int rank, List<List<FloatRange>> shards) {
    try (MomentFiles files = MomentFiles.open(store.files(), folder, manifest, moments)) {
      files.read(moments, rank, shards);
    }
  }

  private void checkTensors(ShardLayout layout, SortedMap<String, SafetensorsFile.Entry> actual) {
    TreeSet<String> missing = new TreeSet<>();
    TreeSet<String> unexpected = new TreeSet<>(actual.keySet());
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        SafetensorsFile.Entry entry = actual.get(tensor.name());
        unexpected.remove(tensor.name());
        if (entry == null) {
          missing.add(tensor.name());
        } else if (!entry
            .shape()
            .equals(tensor.shape().stream().map(Integer::longValue).toList())) {
          throw new CheckpointException(
              "Tensor has another shape than the model: folder="
                  + folder
                  + ", tensor="
                  + tensor.name()
                  + ", expected shape="
                  + tensor.shape()
                  + ", actual shape="
                  + entry.shape()
                  + "; use the model configuration of the checkpoint");
        }
      }
    }
    if (!missing.isEmpty() || !unexpected.isEmpty()) {
      throw new CheckpointException(
          "Tensors of the checkpoint are not those of the model: folder="
              + folder
              + ", missing="
              + missing
              + ", unexpected="
              + unexpected
              + "; use the model configuration of the checkpoint");
    }
  }
}
