package io.shardfire.jobs.command;

import io.shardfire.worker.generate.Sampling;
import io.shardfire.worker.tokenizer.SpecialTokens;
import picocli.CommandLine.Option;

/** Options of the generate job. */
public final class GenerateOptions {
  @Option(
      names = {"-m", "--model"},
      required = true,
      paramLabel = "FOLDER",
      description = {
        "A checkpoint, a run folder (its newest valid checkpoint),",
        "or a Hugging Face GPT-2 folder."
      })
  private String model;

  @Option(
      names = {"-p", "--prompt"},
      required = true,
      paramLabel = "TEXT",
      description = "Text to continue.")
  private String prompt;

  @Option(
      names = "--special-tokens",
      paramLabel = "MODE",
      defaultValue = "text",
      description = {
        "What <|endoftext|> means in the prompt: text, the characters",
        "themselves, or parse, the token. Default: ${DEFAULT-VALUE}."
      })
  private SpecialTokens specialTokens;

  @Option(
      names = {"-n", "--tokens"},
      paramLabel = "N",
      defaultValue = "100",
      description = "Most tokens to draw. Default: ${DEFAULT-VALUE}.")
  private int tokens;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "1",
      description = "Continuations, with seeds that follow on. Default: ${DEFAULT-VALUE}.")
  private int samples;

  @Option(
      names = {"-t", "--temperature"},
      paramLabel = "X",
      defaultValue = "0.8",
      description = "0 always takes the likeliest token. Default: ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "0",
      description = "Draw from the K likeliest tokens; 0 from all. Default: ${DEFAULT-VALUE}.")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1.0",
      description =
          "Draw from the likeliest tokens that make up P of the probability."
              + " Default: ${DEFAULT-VALUE}.")
  private double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1337",
      description = "The same seed draws the same text. Default: ${DEFAULT-VALUE}.")
  private long seed;

  /** The model's folder. */
  public String model() {
    return model;
  }

  /** The text to continue. */
  public String prompt() {
    return prompt;
  }

  /** What the text to continue means where it spells a special token. */
  public SpecialTokens specialTokens() {
    return specialTokens;
  }

  /** Most tokens to draw. */
  public int tokens() {
    return positive("--tokens", tokens);
  }

  /** How many continuations. */
  public int samples() {
    return positive("--samples", samples);
  }

  /** How the first continuation is drawn. */
  public Sampling sampling() {
    return new Sampling(temperature, topK, topP, seed);
  }

  /** How a later one is drawn. */
  public Sampling nth(Sampling first, int sample) {
    return new Sampling(first.temperature(), first.topK(), first.topP(), first.seed() + sample);
  }

  private static int positive(String option, int value) {
    if (value < 1) {
      throw new CommandException(option + " must be at least 1: " + option + "=" + value);
    }
    return value;
  }
}
