package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.checkpoint.ModelFiles.ModelFile;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What one rank writes: the weights of its model files and its slices of the moments. Model file j
 * belongs to rank j mod worldSize. Either copies, in buffers that are allocated once and filled
 * anew for each checkpoint, or the very arrays, which then must stay as they are meanwhile.
 */
final class Snapshot {
  /** Floats of a buffer at most. Few large ones waste little of the regions of the heap. */
  private static final int BUFFER_FLOATS = 1 << 29;

  private final ShardLayout layout;
  private final MomentSet set;
  private final int rank;
  private final boolean copies;
  private final List<ModelFile> modelFiles;
  private final List<UnitSlice> slices = new ArrayList<>();
  private final List<Integer> sliceUnits = new ArrayList<>();

  /** By tensor, in the order of the files. */
  private List<FloatRange> weights = List.of();

  /** By moment, then by slice. */
  private final List<List<FloatRange>> moments = new ArrayList<>();

  Snapshot(ShardLayout layout, MomentSet set, int rank, ModelFiles plan, boolean copies) {
    this.layout = layout;
    this.set = set;
    this.rank = rank;
    this.copies = copies;
    this.modelFiles = own(layout, rank, plan);
    for (int u = 0; u < set.layout().units().size(); u++) {
      UnitSlice slice = UnitSlice.owned(set.layout(), u, rank);
      if (slice.length() > 0) {
        slices.add(slice);
        sliceUnits.add(u);
      }
    }
    List<Long> sliceLengths = slices.stream().map(UnitSlice::length).toList();
    if (copies) {
      weights = buffers(tensors().map(TensorSpec::elements).toList());
    }
    for (int moment = 0; moment < set.names().size(); moment++) {
      moments.add(copies ? buffers(sliceLengths) : List.of());
    }
  }

  private static List<ModelFile> own(ShardLayout layout, int rank, ModelFiles plan) {
    List<ModelFile> own = new ArrayList<>();
    for (int j = rank; j < plan.files().size(); j += layout.worldSize()) {
      own.add(plan.files().get(j));
    }
    return own;
  }

  private Stream<TensorSpec> tensors() {
    return modelFiles.stream().flatMap(file -> file.tensors().stream());
  }

  /** Ranges of these lengths, one behind the other in as few arrays as hold them. */
  private static List<FloatRange> buffers(List<Long> lengths) {
    List<FloatRange> ranges = new ArrayList<>();
    int from = 0;
    while (from < lengths.size()) {
      int to = from;
      long floats = 0;
      while (to < lengths.size() && (to == from || floats + lengths.get(to) <= BUFFER_FLOATS)) {
        floats += lengths.get(to++);
      }
      float[] buffer = new float[Math.toIntExact(floats)];
      int at = 0;
      for (; from < to; from++) {
        int length = Math.toIntExact(lengths.get(from));
        ranges.add(new FloatRange(buffer, at, length));
        at += length;
      }
    }
    return ranges;
  }

  /** Bytes of the buffers of a rank's snapshot that copies. */
  static long bytes(ShardLayout layout, MomentSet set, int rank, ModelFiles plan) {
    long elements = own(layout, rank, plan).stream().mapToLong(ModelFile::elements).sum();
    for (int u = 0; u < set.layout().units().size(); u++) {
      elements += set.names().size() * UnitSlice.owned(set.layout(), u, rank).length();
    }
    return Float.BYTES * elements;
  }

  /**
   * Takes the state.
   *
   * @param units where each unit's parameters lie
   * @param shards where the rank's shard of each unit lies, in each moment of the set
   */
  void fill(List<FloatRange> units, List<List<FloatRange>> shards) {
    weights =
        taken(
            weights,
            tensors()
                .map(tensor -> layout.tensor(tensor.name()))
                .map(range -> units.get(range.unit()).slice(range.offset(), range.length()))
                .toList());
    for (int moment = 0; moment < shards.size(); moment++) {
      moments.set(moment, taken(moments.get(moment), slices(shards.get(moment))));
    }
  }

  private List<FloatRange> slices(List<FloatRange> shards) {
    List<FloatRange> ranges = new ArrayList<>();
    for (int i = 0; i < slices.size(); i++) {
      ranges.add(shards.get(sliceUnits.get(i)).slice(0, (int) slices.get(i).length()));
    }
    return ranges;
  }

  private List<FloatRange> taken(List<FloatRange> buffers, List<FloatRange> state) {
    if (!copies) {
      return state;
    }
    for (int i = 0; i < state.size(); i++) {
      FloatRange from = state.get(i);
      FloatRange to = buffers.get(i);
      System.arraycopy(from.array(), from.offset(), to.array(), to.offset(), to.length());
    }
    return buffers;
  }

  /** Writes the files. */
  List<Manifest.Entry> write(StepFolder folder) {
    List<Manifest.Entry> written = new ArrayList<>();
    int next = 0;
    for (ModelFile file : modelFiles) {
      List<FloatRange> ranges = weights.subList(next, next + file.tensors().size());
      next += file.tensors().size();
      written.add(
          folder.write(
              file.name(),
              out -> {
                SafetensorsWriter writer =
                    SafetensorsWriter.create(out, file.header(), new TreeMap<>());
                write(writer, ranges);
                writer.finish();
              }));
    }
    written.add(folder.write(MomentFiles.name(rank, layout.worldSize()), this::writeMoments));
    return written;
  }

  private void writeMoments(OutputStream out) throws IOException {
    List<SafetensorsWriter.Tensor> header = new ArrayList<>();
    for (String moment : set.names()) {
      for (UnitSlice slice : slices) {
        header.add(new SafetensorsWriter.Tensor(slice.tensorName(moment), List.of(slice.length())));
      }
    }
    TreeMap<String, String> metadata = new TreeMap<>();
    metadata.put(MomentFiles.LAYOUT, UnitSlice.fingerprint(set.layout()));
    metadata.put("rank", Integer.toString(rank));
    metadata.put("world_size", Integer.toString(layout.worldSize()));
    SafetensorsWriter writer = SafetensorsWriter.create(out, header, metadata);
    for (List<FloatRange> moment : moments) {
      write(writer, moment);
    }
    writer.finish();
  }

  private static void write(SafetensorsWriter writer, List<FloatRange> ranges) throws IOException {
    for (FloatRange range : ranges) {
      writer.write(range.array(), range.offset(), range.length());
    }
  }
}
