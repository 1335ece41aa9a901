package io.shardfire.worker.generate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.SafetensorsFile;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.model.Gpt2Configuration;
import io.shardfire.worker.model.Gpt2ConfigurationFile;
import io.shardfire.worker.model.Gpt2Parameters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A Hugging Face GPT-2 model folder:
 *
 * <pre>
 * config.json
 * tokenizer.json
 * model.safetensors, or model.safetensors.index.json with the files it names
 * </pre>
 *
 * <p>Tensor names may carry the prefix "transformer." or not. Other tensors in the files, such as
 * causal masks and the tied lm_head.weight, are not read.
 */
record ModelFolder(Configuration hadoop, Path folder) {
  static final String TOKENIZER = "tokenizer.json";

  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final int READ_FLOATS = 1 << 20;

  Gpt2Configuration configuration() {
    return Gpt2ConfigurationFile.read(text(Gpt2ConfigurationFile.NAME));
  }

  /** The text of a file. @throws CheckpointException when the folder lacks it */
  String text(String name) {
    Path path = new Path(folder, name);
    try {
      FileSystem files = path.getFileSystem(hadoop);
      if (!files.exists(path)) {
        throw new CheckpointException(
            "The model folder lacks a file; give a folder that pretrain wrote or that holds a"
                + " Hugging Face GPT-2 model: folder="
                + folder
                + ", file="
                + name);
      }
      try (FSDataInputStream in = files.open(path)) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the model folder: file=" + path, e);
    }
  }

  /**
   * Fills all tensors of a layout.
   *
   * @throws CheckpointException naming the first tensor that is missing or has another shape
   */
  void readParameters(ShardLayout layout, float[] parameters) {
    TreeMap<String, SafetensorsFile> holders = new TreeMap<>();
    List<SafetensorsFile> opened = new ArrayList<>();
    try {
      for (String name : weightFiles()) {
        SafetensorsFile file = SafetensorsFile.open(hadoop, new Path(folder, name));
        opened.add(file);
        file.entries().keySet().forEach(tensor -> holders.put(tensor, file));
      }
      for (UnitSpec unit : layout.units()) {
        for (TensorSpec tensor : unit.tensors()) {
          read(tensor, holders, layout.tensor(tensor.name()), parameters);
        }
      }
    } finally {
      opened.forEach(SafetensorsFile::close);
    }
  }

  private void read(
      TensorSpec tensor,
      TreeMap<String, SafetensorsFile> holders,
      FlatRange range,
      float[] parameters) {
    String name = tensor.name();
    if (!holders.containsKey(name)) {
      name = Gpt2Parameters.shortName(name);
    }
    SafetensorsFile file = holders.get(name);
    if (file == null) {
      throw new CheckpointException(
          "The model folder lacks a tensor that config.json asks for: folder="
              + folder
              + ", tensor="
              + tensor.name());
    }
    List<Long> expected = tensor.shape().stream().map(Integer::longValue).toList();
    List<Long> actual = file.entries().get(name).shape();
    if (!actual.equals(expected)) {
      throw new CheckpointException(
          "A tensor has another shape than config.json asks for: folder="
              + folder
              + ", tensor="
              + name
              + ", shape="
              + actual
              + ", expected="
              + expected);
    }
    for (int from = 0; from < range.length(); from += READ_FLOATS) {
      int count = Math.min(READ_FLOATS, range.length() - from);
      file.read(name, from, parameters, range.offset() + from, count);
    }
  }

  private Set<String> weightFiles() {
    Path index = new Path(folder, INDEX);
    try {
      if (!index.getFileSystem(hadoop).exists(index)) {
        return Set.of(SINGLE);
      }
      JsonNode map = new ObjectMapper().readTree(text(INDEX)).path("weight_map");
      Set<String> names = new TreeSet<>();
      map.forEach(file -> names.add(file.asText()));
      for (String name : names) {
        if (name.contains("/")) {
          throw new CheckpointException(
              "The weight index must name files of its own folder: index="
                  + index
                  + ", file="
                  + name);
        }
      }
      return names;
    } catch (JsonProcessingException e) {
      throw new CheckpointException("The weight index is not JSON: index=" + index, e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the model folder: file=" + index, e);
    }
  }
}
