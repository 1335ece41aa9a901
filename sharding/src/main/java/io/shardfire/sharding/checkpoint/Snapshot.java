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
  private final List<Integer> sliceOffsets = new ArrayList<>();
  private final float[] weights;
  private final float[] firstMoment;
  private final float[] secondMoment;

  Snapshot(ShardLayout layout, int rank, ModelFiles plan) {
    this.layout = layout;
    this.rank = rank;
    long elements = 0;
    for (int j = rank; j < plan.files().size(); j += layout.worldSize()) {
      modelFiles.add(plan.files().get(j));
      elements += plan.files().get(j).elements();
    }
    long sliceElements = 0;
    for (int u = 0; u < layout.units().size(); u++) {
      UnitSlice slice = UnitSlice.owned(layout, u, rank);
      if (slice.length() > 0) {
        slices.add(slice);
        sliceOffsets.add(layout.unit(u).offset() + Math.toIntExact(slice.begin()));
        sliceElements += slice.length();
      }
    }
    weights = new float[Math.toIntExact(elements)];
    firstMoment = new float[Math.toIntExact(sliceElements)];
    secondMoment = new float[Math.toIntExact(sliceElements)];
  }

  /** Bytes of the buffers. */
  long bytes() {
    return Float.BYTES * ((long) weights.length + firstMoment.length + secondMoment.length);
  }

  /** Copies from arrays that are indexed by the layout. */
  void fill(float[] parameters, float[] first, float[] second) {
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
      System.arraycopy(first, sliceOffsets.get(i), firstMoment, at, length);
      System.arraycopy(second, sliceOffsets.get(i), secondMoment, at, length);
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
