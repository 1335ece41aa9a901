package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.checkpoint.CheckpointSummary.SliceSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.TensorSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.ValueSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * Summarises a checkpoint. Damaged files are listed and passed over, so that the rest can still be
 * seen. Reads every file twice (hashes, then values) in small pieces.
 */
public final class CheckpointInspector {
  private static final int BUFFER_FLOATS = 1 << 16;

  private final CheckpointStore store;
  private final long step;
  private final Path folder;
  private final List<TensorSummary> tensors = new ArrayList<>();
  private final List<SliceSummary> slices = new ArrayList<>();
  private final List<String> damage = new ArrayList<>();
  private final float[] buffer = new float[BUFFER_FLOATS];

  private CheckpointInspector(CheckpointStore store, long step) {
    this.store = store;
    this.step = step;
    this.folder = store.folder(step);
  }

  /**
   * Summarises one step.
   *
   * @throws CheckpointException when the step has no readable manifest
   */
  public static CheckpointSummary inspect(CheckpointStore store, long step) {
    return new CheckpointInspector(store, step).summary();
  }

  private CheckpointSummary summary() {
    Manifest manifest = store.manifest(step);
    damage.addAll(store.verify(step));
    TreeMap<String, String> documents = new TreeMap<>();
    for (Manifest.Entry file : manifest.files()) {
      if (file.name().endsWith(".safetensors")) {
        summarise(file.name());
      } else if (file.name().equals("trainer.json") || file.name().equals("config.json")) {
        readDocument(file.name()).ifPresent(text -> documents.put(file.name(), text));
      }
    }
    tensors.sort((a, b) -> a.name().compareTo(b.name()));
    return new CheckpointSummary(
        folder.toString(),
        step,
        store.committedSteps(),
        manifest.files().stream().mapToLong(Manifest.Entry::bytes).sum(),
        tensors.stream().mapToLong(tensor -> tensor.values().elements()).sum(),
        manifest.files(),
        tensors,
        slices,
        documents,
        damage);
  }

  private void summarise(String name) {
    try (SafetensorsFile file = SafetensorsFile.open(store.files(), new Path(folder, name))) {
      SortedMap<String, SafetensorsFile.Entry> entries = new TreeMap<>(file.entries());
      for (SafetensorsFile.Entry entry : entries.values()) {
        ValueSummary values = values(file, entry);
        Optional<UnitSlice.Named> slice =
            MomentFiles.isName(name) ? UnitSlice.parse(entry.name()) : Optional.empty();
        if (slice.isPresent()) {
          UnitSlice part = slice.get().slice();
          String moment = slice.get().moment().key();
          slices.add(new SliceSummary(name, part.unit(), part.begin(), part.end(), moment, values));
        } else {
          tensors.add(new TensorSummary(entry.name(), name, entry.dtype(), entry.shape(), values));
        }
      }
    } catch (CheckpointException e) {
      addDamage(name, e);
    }
  }

  private ValueSummary values(SafetensorsFile file, SafetensorsFile.Entry entry) {
    double squares = 0;
    float maxAbs = 0;
    long nonFinite = 0;
    for (long at = 0; at < entry.elements(); at += buffer.length) {
      int length = (int) Math.min(buffer.length, entry.elements() - at);
      file.read(entry.name(), at, buffer, 0, length);
      for (int i = 0; i < length; i++) {
        float value = buffer[i];
        if (Float.isFinite(value)) {
          squares += (double) value * value;
          maxAbs = Math.max(maxAbs, Math.abs(value));
        } else {
          nonFinite++;
        }
      }
    }
    return new ValueSummary(entry.elements(), Math.sqrt(squares), maxAbs, nonFinite);
  }

  private Optional<String> readDocument(String name) {
    try {
      return Optional.of(ModelFolder.document(store.files(), folder, name));
    } catch (CheckpointException e) {
      addDamage(name, e);
      return Optional.empty();
    }
  }

  /** Sizes and hashes have their lines already; this adds what they do not tell. */
  private void addDamage(String name, CheckpointException problem) {
    String path = new Path(folder, name).toString();
    if (damage.stream().noneMatch(line -> line.contains(path))) {
      damage.add(problem.getMessage());
    }
  }
}
