package io.shardfire.jobs.command;

import io.shardfire.kernels.ops.WeightFormat;
import picocli.CommandLine.Option;

/** Options of the fill job. */
public final class FillOptions {
  @Option(
      names = {"-m", "--model"},
      required = true,
      paramLabel = "FOLDER",
      description = {
        "A checkpoint, a run folder (its newest valid checkpoint), or a",
        "Hugging Face folder: of an encoder."
      })
  private String model;

  @Option(
      names = {"-t", "--text"},
      required = true,
      paramLabel = "TEXT",
      description = "What the model reads, with [MASK] in place of hidden tokens.")
  private String text;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "5",
      description = "Guesses for each mask. Default: ${DEFAULT-VALUE}.")
  private int top;

  @Option(
      names = "--weights",
      paramLabel = "FORMAT",
      defaultValue = "fp32",
      description = {
        "How matrices are kept in memory: fp32, int8 or int4.",
        "Default: ${DEFAULT-VALUE}."
      })
  private WeightFormat weights;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  /** The model's folder. */
  public String model() {
    return model;
  }

  /** What the model reads. */
  public String text() {
    return text;
  }

  /** Guesses for each mask. */
  public int top() {
    return top;
  }

  /** How matrices are kept in memory. */
  public WeightFormat weights() {
    return weights;
  }

  /** Whether JSON is printed. */
  public boolean json() {
    return json;
  }
}
