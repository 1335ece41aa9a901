package io.shardfire.jobs.command;

import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.generate.Beams;
import io.shardfire.worker.generate.GenerationOptions;
import io.shardfire.worker.generate.Prompt;
import io.shardfire.worker.generate.Sampling;
import io.shardfire.worker.generate.Strategy;
import io.shardfire.worker.tokenizer.SpecialTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Options of the generate job. */
public final class GenerateOptions {
  private static final int MOST_SLOTS = 256;
  private static final double TEMPERATURE = 0.8;

  @Option(
      names = {"-m", "--model"},
      required = true,
      paramLabel = "FOLDER",
      description = {
        "A checkpoint, a run folder (its newest valid checkpoint),",
        "or a Hugging Face folder of a decoder or encoder-decoder."
      })
  private String model;

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      description = "Text to continue; may be repeated.")
  private List<String> texts = new ArrayList<>();

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description = {
        "More texts to continue: one a line, or from a file that ends",
        "in .jsonl one object a line, with \"prompt\" and, if wanted,",
        "\"seed\". - is standard input."
      })
  private String promptFile;

  @Option(
      names = "--special-tokens",
      paramLabel = "MODE",
      defaultValue = "text",
      description = {
        "What <|endoftext|> means in a prompt: text, the characters",
        "themselves, or parse, the token. Default: ${DEFAULT-VALUE}."
      })
  private SpecialTokens specialTokens;

  @Option(
      names = {"-n", "--max-tokens", "--tokens"},
      paramLabel = "N",
      defaultValue = "100",
      description = "Most tokens of a continuation. Default: ${DEFAULT-VALUE}.")
  private int maxTokens;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End before this text, or this special token; may be repeated.")
  private List<String> stops = new ArrayList<>();

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "Continuations of each prompt, with seeds that follow on,",
        "or the N best of a beam search. Default: ${DEFAULT-VALUE}."
      })
  private int samples;

  @Option(
      names = {"-t", "--temperature"},
      paramLabel = "X",
      description = "0 always takes the likeliest token. Default: " + TEMPERATURE + ".")
  private Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Draw from the K likeliest tokens. Default: from all.")
  private Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Draw from the likeliest tokens that make up P of the probability.")
  private Double topP;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description = "Draw from tokens with at least P of the likeliest one's probability.")
  private Double minP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      defaultValue = "1.0",
      description = {
        "Above 1 makes tokens less likely that prompt or text have.",
        "Default: ${DEFAULT-VALUE}."
      })
  private double repetitionPenalty;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1337",
      description = "The same seed draws the same text. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--beams",
      paramLabel = "N",
      description = "Draw nothing; search the best continuation with N beams.")
  private Integer beams;

  @Option(
      names = "--length-penalty",
      paramLabel = "X",
      description = {
        "With beams: above 0 favours long, below 0 short",
        "continuations. Default: 1.0."
      })
  private Double lengthPenalty;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = {
        "Most continuations that are drawn side by side; no text",
        "depends on it. Default: ${DEFAULT-VALUE}."
      })
  private int batch;

  @Option(
      names = "--weights",
      paramLabel = "FORMAT",
      defaultValue = "fp32",
      description = {
        "How matrices are kept in memory: fp32, as they were trained, or",
        "rounded to int8 or int4, which take a quarter and a sixth of it.",
        "Default: ${DEFAULT-VALUE}."
      })
  private WeightFormat weights;

  @Option(names = "--json", description = "Print a JSON object a line for each continuation.")
  private boolean json;

  /** The model's folder. */
  public String model() {
    return model;
  }

  /** Texts to continue from the command line. */
  public List<Prompt> prompts() {
    return texts.stream().map(text -> new Prompt(text, seed)).toList();
  }

  /** The file of more prompts, "-" for standard input; or null. */
  public String promptFile() {
    return promptFile;
  }

  /** Seed of prompts that have none of their own. */
  public long seed() {
    return seed;
  }

  /** Most continuations that are drawn side by side. */
  public int batch() {
    if (batch < 1 || batch > MOST_SLOTS) {
      throw new CommandException("--batch must be from 1 to " + MOST_SLOTS + ": --batch=" + batch);
    }
    return batch;
  }

  /** How matrices are kept in memory. */
  public WeightFormat weights() {
    return weights;
  }

  /** Whether JSON is printed instead of text. */
  public boolean json() {
    return json;
  }

  /** What is generated after each prompt. */
  public GenerationOptions generation() {
    positive("--max-tokens", maxTokens);
    positive("--samples", samples);
    return new GenerationOptions(maxTokens, samples, stops, specialTokens, strategy());
  }

  private Strategy strategy() {
    if (beams == null) {
      if (lengthPenalty != null) {
        throw new CommandException(
            "--length-penalty is for a beam search; add --beams N or leave it out:"
                + " --length-penalty="
                + lengthPenalty);
      }
      return new Sampling(
          Objects.requireNonNullElse(temperature, TEMPERATURE),
          Objects.requireNonNullElse(topK, 0),
          Objects.requireNonNullElse(topP, 1.0),
          Objects.requireNonNullElse(minP, 0.0),
          repetitionPenalty);
    }
    String drawing =
        Stream.of(
                given("--temperature", temperature),
                given("--top-k", topK),
                given("--top-p", topP),
                given("--min-p", minP))
            .filter(option -> !option.isEmpty())
            .collect(Collectors.joining(", "));
    if (!drawing.isEmpty()) {
      throw new CommandException(
          "A beam search draws nothing; leave out --beams, or what is for drawing: --beams="
              + beams
              + ", "
              + drawing);
    }
    positive("--beams", beams);
    if (beams > MOST_SLOTS) {
      throw new CommandException("--beams must be at most " + MOST_SLOTS + ": --beams=" + beams);
    }
    return new Beams(beams, Objects.requireNonNullElse(lengthPenalty, 1.0), repetitionPenalty);
  }

  private static String given(String option, Number value) {
    return value == null ? "" : option + "=" + value;
  }

  private static void positive(String option, int value) {
    if (value < 1) {
      throw new CommandException(option + " must be at least 1: " + option + "=" + value);
    }
  }
}
