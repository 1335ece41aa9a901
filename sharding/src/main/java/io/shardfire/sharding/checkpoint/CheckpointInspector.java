package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.checkpoint.CheckpointSummary.SliceSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.TensorSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.ValueSummary;
import java.io.FileNotFoundException;
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
  private final CheckpointFolder folder;
  private final List<TensorSummary> tensors = new ArrayList<>();
  private final List<SliceSummary> slices = new ArrayList<>();
  private final List<String> damage = new ArrayList<>();
  private final TensorValues values = new TensorValues();

  private CheckpointInspector(CheckpointFolder folder) {
    this.folder = folder;
  }

  /**
   * Summarises a checkpoint, whatever its folder is called.
   *
   * @param committedSteps of the run that it is in, for people to read; may be empty
   * @throws CheckpointException when the folder has no readable manifest
   */
  public static CheckpointSummary inspect(CheckpointFolder folder, List<Long> committedSteps) {
    return new CheckpointInspector(folder).summary(committedSteps);
  }

  private CheckpointSummary summary(List<Long> committedSteps) {
    Manifest manifest;
    try {
      manifest = folder.manifest();
    } catch (FileNotFoundException e) {
      throw new CheckpointException(
          "Not a checkpoint: " + folder.missingManifest() + "; give a folder that has one", e);
    }
    damage.addAll(folder.problems(manifest, true));
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
        folder.path().toString(),
        manifest.step(),
        committedSteps,
        manifest.files().stream().mapToLong(Manifest.Entry::bytes).sum(),
        tensors.stream().mapToLong(tensor -> tensor.values().elements()).sum(),
        manifest.files(),
        tensors,
        slices,
        documents,
        damage);
  }

  private void summarise(String name) {
    try (SafetensorsFile file = SafetensorsFile.open(folder.files(), path(name))) {
      SortedMap<String, SafetensorsFile.Entry> entries = new TreeMap<>(file.entries());
      for (SafetensorsFile.Entry entry : entries.values()) {
        ValueSummary values = this.values.of(file, entry);
        Optional<UnitSlice.Named> slice =
            MomentFiles.isName(name) ? UnitSlice.parse(entry.name()) : Optional.empty();
        if (slice.isPresent()) {
          UnitSlice part = slice.get().slice();
          String moment = slice.get().moment();
          slices.add(new SliceSummary(name, part.unit(), part.begin(), part.end(), moment, values));
        } else {
          tensors.add(new TensorSummary(entry.name(), name, entry.dtype(), entry.shape(), values));
        }
      }
    } catch (CheckpointException e) {
      addDamage(name, e);
    }
  }

  private Path path(String name) {
    return new Path(folder.path(), name);
  }

  private Optional<String> readDocument(String name) {
    try {
      return Optional.of(ModelFolder.document(folder.files(), folder.path(), name));
    } catch (CheckpointException e) {
      addDamage(name, e);
      return Optional.empty();
    }
  }

  /** Sizes and hashes have their lines already; this adds what they do not tell. */
  private void addDamage(String name, CheckpointException problem) {
    String path = path(name).toString();
    if (damage.stream().noneMatch(line -> line.contains(path))) {
      damage.add(problem.getMessage());
    }
  }
}
