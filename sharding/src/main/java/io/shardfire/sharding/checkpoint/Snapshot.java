package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.checkpoint.ModelFiles.ModelFile;
import io.shardfire.sharding.checkpoint.UnitSlice.Moment;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * A copy of what one rank writes: the weights of its model files and its slices of the moments. The
 * buffers are allocated once and filled anew for each checkpoint. Model file j belongs to rank j
 * mod worldSize.
 */
final class Snapshot {
  private final ShardLayout layout;
  private final int rank;
  private final List<ModelFile> modelFiles = new ArrayList<>();
  private final List<UnitSlice> slices = new ArrayList<>();
  private final List<Integer> sliceUnits = new ArrayList<>();
  private final float[] weights;
  private final float[] firstMoment;
  private final float[] secondMoment;

  Snapshot(ShardLayout layout, int rank, ModelFiles plan) {
    this.layout = layout;
    this.rank = rank;
    for (int j = rank; j < plan.files().size(); j += layout.worldSize()) {
      modelFiles.add(plan.files().get(j));
    }
    for (int u = 0; u < layout.units().size(); u++) {
      UnitSlice slice = UnitSlice.owned(layout, u, rank);
      if (slice.length() > 0) {
        slices.add(slice);
        sliceUnits.add(u);
      }
    }
    int sliceElements = Math.toIntExact(sliceElements(layout, rank));
    weights = new float[Math.toIntExact(weightElements(layout, rank, plan))];
    firstMoment = new float[sliceElements];
    secondMoment = new float[sliceElements];
  }

  private static long weightElements(ShardLayout layout, int rank, ModelFiles plan) {
    long elements = 0;
    for (int j = rank; j < plan.files().size(); j += layout.worldSize()) {
      elements += plan.files().get(j).elements();
    }
    return elements;
  }

  private static long sliceElements(ShardLayout layout, int rank) {
    long elements = 0;
    for (int u = 0; u < layout.units().size(); u++) {
      elements += UnitSlice.owned(layout, u, rank).length();
    }
    return elements;
  }

  /** Bytes of the buffers of a rank's snapshot. */
  static long bytes(ShardLayout layout, int rank, ModelFiles plan) {
    return Float.BYTES * (weightElements(layout, rank, plan) + 2 * sliceElements(layout, rank));
  }

  /**
   * Copies from arrays.
   *
   * @param parameters indexed by the layout
   * @param shardStart where the rank's shard of a unit starts in the moments
   */
  void fill(float[] parameters, float[] first, float[] second, IntUnaryOperator shardStart) {
    int at = 0;
    for (ModelFile file : modelFiles) {
      for (TensorSpec tensor : file.tensors()) {
        FlatRange range = layout.tensor(tensor.name());
        System.arraycopy(parameters, range.offset(), weights, at, range.length());
        at += range.length();
      }
    }
    at = 0;
    for (int i = 0; i < slices.size(); i++) {
      int length = (int) slices.get(i).length();
      int start = shardStart.applyAsInt(sliceUnits.get(i));
      System.arraycopy(first, start, firstMoment, at, length);
      System.arraycopy(second, start, secondMoment, at, length);
      at += length;
    }
  }

  /** Writes the files. */
  List<Manifest.Entry> write(StepFolder folder) {
    List<Manifest.Entry> written = new ArrayList<>();
    int at = 0;
    for (ModelFile file : modelFiles) {
      int begin = at;
      int length = Math.toIntExact(file.elements());
      written.add(
          folder.write(
              file.name(),
              out -> {
                SafetensorsWriter writer =
                    SafetensorsWriter.create(out, file.header(), new TreeMap<>());
                writer.write(weights, begin, length);
                writer.finish();
              }));
      at += length;
    }
    written.add(folder.write(MomentFiles.name(rank, layout.worldSize()), this::writeMoments));
    return written;
  }

  private void writeMoments(OutputStream out) throws IOException {
    List<SafetensorsWriter.Tensor> header = new ArrayList<>();
    for (Moment moment : Moment.values()) {
      for (UnitSlice slice : slices) {
        header.add(new SafetensorsWriter.Tensor(slice.tensorName(moment), List.of(slice.length())));
      }
    }
    TreeMap<String, String> metadata = new TreeMap<>();
    metadata.put(MomentFiles.LAYOUT, UnitSlice.fingerprint(layout));
    metadata.put("rank", Integer.toString(rank));
    metadata.put("world_size", Integer.toString(layout.worldSize()));
    SafetensorsWriter writer = SafetensorsWriter.create(out, header, metadata);
    writer.write(firstMoment, 0, firstMoment.length);
    writer.write(secondMoment, 0, secondMoment.length);
    writer.finish();
  }
}
