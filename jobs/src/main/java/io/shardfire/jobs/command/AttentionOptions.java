package io.shardfire.jobs.command;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of the attention job. */
public final class AttentionOptions {
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
      names = {"-t", "--text"},
      required = true,
      paramLabel = "TEXT",
      description = "What the model reads, such as a sentence.")
  private String text;

  @Option(
      names = "--target",
      paramLabel = "TEXT",
      description = {
        "What an encoder-decoder writes for the text; by default what it",
        "does write, the likeliest token each time."
      })
  private String target;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "The page to write; replaced if it exists.")
  private Path output;

  /** The model's folder. */
  public String model() {
    return model;
  }

  /** What the model reads. */
  public String text() {
    return text;
  }

  /** What is written for it; null where the model is to say. */
  public String target() {
    return target;
  }

  /** The page. */
  public OutputFile output() {
    return OutputFile.of("--output", output);
  }
}
