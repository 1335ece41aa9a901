package io.shardfire.sharding.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which weights go into which file, as Hugging Face libraries name them. Depends on the tensors'
 * sizes only and never on the world size, so that the files are the same bytes whoever wrote them.
 *
 * @param files in order; none is empty
 */
record ModelFiles(List<ModelFile> files) {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  private static final JsonMapper JSON = new JsonMapper();

  ModelFiles {
    files = List.copyOf(files);
  }

  /** A file and its tensors in order. */
  record ModelFile(String name, List<TensorSpec> tensors) {
    ModelFile {
      tensors = List.copyOf(tensors);
    }

    List<SafetensorsWriter.Tensor> header() {
      return tensors.stream()
          .map(
              tensor ->
                  new SafetensorsWriter.Tensor(
                      tensor.name(), tensor.shape().stream().map(Integer::longValue).toList()))
          .toList();
    }

    long elements() {
      return tensors.stream().mapToLong(TensorSpec::elements).sum();
    }
  }

  /** Fills files in tensor order; a file is closed before it would exceed the limit. */
  static ModelFiles plan(List<UnitSpec> units, long maxFileBytes) {
    if (maxFileBytes < 1) {
      throw new IllegalArgumentException(
          "A model file holds at least one byte: maxModelFileBytes=" + maxFileBytes);
    }
    List<List<TensorSpec>> groups = new ArrayList<>();
    long bytes = 0;
    for (UnitSpec unit : units) {
      for (TensorSpec tensor : unit.tensors()) {
        long size = tensor.elements() * Float.BYTES;
        if (groups.isEmpty() || bytes + size > maxFileBytes) {
          groups.add(new ArrayList<>());
          bytes = 0;
        }
        groups.get(groups.size() - 1).add(tensor);
        bytes += size;
      }
    }
    List<ModelFile> files = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      String name =
          groups.size() == 1
              ? SINGLE
              : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, groups.size());
      files.add(new ModelFile(name, groups.get(i)));
    }
    return new ModelFiles(files);
  }

  /** The index, when there is more than one file. */
  Optional<String> indexJson() {
    if (files.size() == 1) {
      return Optional.empty();
    }
    TreeMap<String, String> fileOfTensor = new TreeMap<>();
    long bytes = 0;
    for (ModelFile file : files) {
      bytes += file.elements() * Float.BYTES;
      file.tensors().forEach(tensor -> fileOfTensor.put(tensor.name(), file.name()));
    }
    ObjectNode root = JSON.createObjectNode();
    root.putObject("metadata").put("total_size", bytes);
    ObjectNode map = root.putObject("weight_map");
    fileOfTensor.forEach(map::put);
    try {
      return Optional.of(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Index cannot be written as JSON", e);
    }
  }
}
