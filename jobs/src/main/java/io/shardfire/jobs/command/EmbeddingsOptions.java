package io.shardfire.jobs.command;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of the embeddings job. */
public final class EmbeddingsOptions {
  @Option(
      names = {"-m", "--model"},
      required = true,
      paramLabel = "FOLDER",
      description = {
        "A checkpoint, a run folder (its newest valid checkpoint), or a",
        "Hugging Face folder."
      })
  private String model;

  @Option(
      names = "--nearest",
      paramLabel = "WORD",
      description = "Show the tokens whose vectors are nearest. May be repeated.")
  private List<String> nearest = List.of();

  @Option(
      names = "--analogy",
      arity = "3",
      paramLabel = "WORD",
      description = "Show the tokens nearest to a - b + c.")
  private List<String> analogy = List.of();

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many tokens to show. Default: ${DEFAULT-VALUE}.")
  private int top;

  @Option(
      names = "--export",
      paramLabel = "FOLDER",
      description = "Write all vectors for TensorBoard's projector.")
  private Path export;

  /** The model's folder. */
  public String model() {
    return model;
  }

  /** Words whose neighbours are shown. */
  public List<String> nearest() {
    return nearest;
  }

  /** Three words, or none. */
  public List<String> analogy() {
    if (analogy.size() > 3) {
      throw new CommandException("--analogy can be given once, with three words: words=" + analogy);
    }
    return analogy;
  }

  /** How many tokens are shown. */
  public int top() {
    if (top < 1) {
      throw new CommandException("--top must be at least 1: --top=" + top);
    }
    return top;
  }

  /** Where the vectors go; or null. */
  public Path export() {
    return export;
  }
}
