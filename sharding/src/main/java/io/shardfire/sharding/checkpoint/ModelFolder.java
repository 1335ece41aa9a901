package io.shardfire.sharding.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardfire.sharding.checkpoint.CheckpointSummary.TensorSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.ValueSummary;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The weights of a Hugging Face model folder, in one file or in several with an index; the folder
 * of a checkpoint is one. Thread-safe until closed.
 */
public final class ModelFolder implements AutoCloseable {
  private static final int LARGEST_INDEX = 1 << 26;
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;
  private final FileSystem files;
  private final List<SafetensorsFile> opened;
  private final SortedMap<String, Location> tensors;

  private ModelFolder(
      Path folder,
      FileSystem files,
      List<SafetensorsFile> opened,
      SortedMap<String, Location> tensors) {
    this.folder = folder;
    this.files = files;
    this.opened = opened;
    this.tensors = tensors;
  }

  private record Location(String fileName, SafetensorsFile file, SafetensorsFile.Entry entry) {}

  /**
   * Opens all weight files and validates their headers.
   *
   * @throws CheckpointException when there are none, or one is missing or damaged
   */
  public static ModelFolder open(Configuration configuration, Path folder) {
    return open(PlainFiles.fileSystem(configuration, folder), folder);
  }

  static ModelFolder open(FileSystem files, Path folder) {
    List<SafetensorsFile> opened = new ArrayList<>();
    boolean complete = false;
    try {
      TreeMap<String, Location> tensors = new TreeMap<>();
      for (String name : fileNames(files, folder)) {
        SafetensorsFile file = SafetensorsFile.open(files, new Path(folder, name));
        opened.add(file);
        for (SafetensorsFile.Entry entry : file.entries().values()) {
          Location other = tensors.put(entry.name(), new Location(name, file, entry));
          if (other != null) {
            throw new CheckpointException(
                "Tensor stands in two weight files: folder="
                    + folder
                    + ", tensor="
                    + entry.name()
                    + ", files="
                    + other.fileName()
                    + " and "
                    + name);
          }
        }
      }
      complete = true;
      return new ModelFolder(folder, files, opened, Collections.unmodifiableSortedMap(tensors));
    } finally {
      if (!complete) {
        opened.forEach(SafetensorsFile::close);
      }
    }
  }

  /** All tensors by name. */
  public SortedMap<String, SafetensorsFile.Entry> tensors() {
    TreeMap<String, SafetensorsFile.Entry> entries = new TreeMap<>();
    tensors.forEach((name, location) -> entries.put(name, location.entry()));
    return entries;
  }

  /**
   * Reads {@code length} elements from element {@code from} of a tensor as floats.
   *
   * @throws CheckpointException when there is no such tensor, or it is not fp32, fp16 or bf16
   */
  public void read(String tensor, long from, float[] destination, int offset, int length) {
    location(tensor).file().read(tensor, from, destination, offset, length);
  }

  /**
   * All tensors with their values, by name. What holds no floats, as a buffer of positions does,
   * has no norm: NaN.
   *
   * @throws CheckpointException when one cannot be read
   */
  public List<TensorSummary> summaries() {
    TensorValues values = new TensorValues();
    return tensors.values().stream()
        .map(
            found ->
                new TensorSummary(
                    found.entry().name(),
                    found.fileName(),
                    found.entry().dtype(),
                    found.entry().shape(),
                    ElementType.holds(found.entry())
                        ? values.of(found.file(), found.entry())
                        : new ValueSummary(found.entry().elements(), Double.NaN, Float.NaN, 0)))
        .toList();
  }

  /** Whether the folder has another file of this name. */
  public boolean has(String name) {
    try {
      return PlainFiles.exists(files, new Path(folder, name));
    } catch (IOException e) {
      throw new CheckpointException(
          "Model folder cannot be read: folder=" + folder + ", problem=" + e.getMessage(), e);
    }
  }

  /** Text of another file of the folder, such as config.json. */
  public String document(String name) {
    return document(files, folder, name);
  }

  @Override
  public void close() {
    opened.forEach(SafetensorsFile::close);
  }

  static String document(FileSystem files, Path folder, String name) {
    Manifest.checkName(name);
    Path path = new Path(folder, name);
    try {
      return PlainFiles.readText(files, path, 1 << 28);
    } catch (FileNotFoundException e) {
      throw new CheckpointException(
          "Model folder lacks a document: folder=" + folder + ", missing file=" + name, e);
    } catch (IOException e) {
      throw new CheckpointException(
          "Document cannot be read: file=" + path + ", problem=" + e.getMessage(), e);
    }
  }

  private Location location(String tensor) {
    Location location = tensors.get(tensor);
    if (location == null) {
      throw new CheckpointException(
          "Model folder has no such tensor: folder=" + folder + ", tensor=" + tensor);
    }
    return location;
  }

  private static List<String> fileNames(FileSystem files, Path folder) {
    Path index = new Path(folder, ModelFiles.INDEX);
    try {
      if (PlainFiles.exists(files, new Path(folder, ModelFiles.SINGLE))) {
        return List.of(ModelFiles.SINGLE);
      }
      JsonNode map = JSON.readTree(PlainFiles.readText(files, index, LARGEST_INDEX));
      TreeSet<String> names = new TreeSet<>();
      for (Map.Entry<String, JsonNode> tensor : map.path("weight_map").properties()) {
        Manifest.checkName(tensor.getValue().asText());
        names.add(tensor.getValue().asText());
      }
      if (names.isEmpty()) {
        throw new CheckpointException("Index of weight files has no weight_map: file=" + index);
      }
      return List.copyOf(names);
    } catch (FileNotFoundException e) {
      throw new CheckpointException(
          "Not a model folder: folder="
              + folder
              + ", missing file="
              + ModelFiles.SINGLE
              + " or "
              + ModelFiles.INDEX,
          e);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          "Index of weight files is not JSON: file=" + index + ", problem=" + e.getMessage(), e);
    } catch (IOException | IllegalArgumentException e) {
      throw new CheckpointException(
          "Weight files cannot be found: folder=" + folder + ", problem=" + e.getMessage(), e);
    }
  }
}
