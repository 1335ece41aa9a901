package io.shardfire.worker.inspect;

import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.sharding.checkpoint.ModelFolder;
import io.shardfire.worker.architecture.ConfigurationFile;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.architecture.ModelTokens;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.generate.ModelWeights;
import io.shardfire.worker.tokenizer.Tokenizer;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A model folder whose weights can be read.
 *
 * @param name as messages and tables name it
 * @param tokens that its config.json names
 * @param format in which passes store the matrices they multiply by
 */
public record OpenModel(
    String name,
    ModelConfiguration model,
    ModelTokens tokens,
    Tokenizer tokenizer,
    ModelWeights weights,
    WeightFormat format)
    implements AutoCloseable {

  /**
   * Opens a folder: our checkpoint step or a Hugging Face folder of a family.
   *
   * @throws io.shardfire.sharding.checkpoint.CheckpointException when the folder lacks a file
   * @throws IllegalArgumentException when config.json describes a model that is not supported
   */
  public static OpenModel open(Configuration hadoop, Path path, String name) {
    return open(hadoop, path, name, WeightFormat.FP32);
  }

  /** As above, with matrices that passes store in a format. */
  public static OpenModel open(Configuration hadoop, Path path, String name, WeightFormat format) {
    ModelFolder folder = ModelFolder.open(hadoop, path);
    boolean complete = false;
    try {
      String configuration = folder.document(ConfigurationFile.NAME);
      OpenModel opened =
          new OpenModel(
              name,
              ConfigurationFile.read(configuration),
              ConfigurationFile.tokens(configuration),
              Tokenizer.of(TokenizerFiles.read(hadoop, path)),
              new ModelWeights(folder, path.toString()),
              format);
      complete = true;
      return opened;
    } finally {
      if (!complete) {
        folder.close();
      }
    }
  }

  /** Whether the model knows where a token stands in sequences of that many. */
  public boolean reaches(int context) {
    return context <= model.context() || model.positions() != PositionKind.LEARNED;
  }

  /** The same for what an encoder reads beside a decoder. */
  boolean reachesSource(int context) {
    return context <= model.source() || model.positions() != PositionKind.LEARNED;
  }

  /**
   * Checks that the model has a vector for every token.
   *
   * @throws IllegalArgumentException naming one that it lacks
   */
  void requireKnown(List<Integer> ids) {
    for (int id : ids) {
      if (id >= model.vocabularySize()) {
        throw new IllegalArgumentException(
            "The text has a token that the model lacks, so tokenizer.json belongs to another model:"
                + " model="
                + name
                + ", token="
                + tokenizer.label(id)
                + ", id="
                + id
                + ", vocabularySize="
                + model.vocabularySize());
      }
    }
  }

  /** Tokens that both the model and the tokenizer know: a table may be padded. */
  public int vocabularySize() {
    return Math.min(model.vocabularySize(), tokenizer.vocabularySize());
  }

  /**
   * Checks that a corpus is of the model's vocabulary.
   *
   * @throws DataException when it is not, naming both
   */
  void requireVocabularyOf(TokenDataset data) {
    if (!tokenizer.vocabularyHash().equals(data.vocabularyHash())
        || model.vocabularySize() < data.vocabularySize()) {
      throw new DataException(
          "The corpus was prepared with another tokenizer than the model's; prepare the text anew"
              + " with the model's: model="
              + name
              + ", vocabularySize="
              + model.vocabularySize()
              + ", vocabularyHash="
              + tokenizer.vocabularyHash()
              + ", corpus vocabularySize="
              + data.vocabularySize()
              + ", corpus vocabularyHash="
              + data.vocabularyHash());
    }
  }

  @Override
  public void close() {
    tokenizer.close();
    weights.folder().close();
  }
}
