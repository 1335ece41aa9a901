package io.shardfire.jobs.command;

import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.resume.SettingText;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the evaluate job. */
public final class EvaluateOptions {
  private static final String TRAINED = "T";

  @Option(
      names = {"-m", "--model"},
      required = true,
      paramLabel = "FOLDER",
      description = {
        "A checkpoint, a run folder (its newest valid checkpoint), or a",
        "Hugging Face folder. May be repeated: the models are compared."
      })
  private List<String> models;

  @Option(
      names = {"-d", "--data"},
      required = true,
      paramLabel = "FOLDER",
      description = "A corpus that was prepared with the models' tokenizer.")
  private String data;

  @Option(
      names = "--context",
      paramLabel = "LENGTHS",
      split = ",",
      defaultValue = TRAINED,
      description = {
        "Tokens of a window, separated by commas: numbers, or T, 2T, 4T",
        "for multiples of what each model was trained at.",
        "Default: ${DEFAULT-VALUE}."
      })
  private List<String> contexts;

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "validation",
      description = "validation or train. Default: ${DEFAULT-VALUE}.")
  private TokenSplit split;

  @Option(
      names = "--windows",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "Most windows of the longest context, sequences of an encoder, or",
        "pairs, spread evenly over the split; 0 for all of it.",
        "Default: ${DEFAULT-VALUE}."
      })
  private int windows;

  @Option(
      names = "--masked-share",
      paramLabel = "X",
      description = {
        "Of an encoder's tokens, the share that is hidden. Default: that of",
        "the run that trained it; for another's folder 0.15."
      })
  private Float maskedShare;

  @Option(
      names = "--whole-words",
      paramLabel = "BOOLEAN",
      arity = "0..1",
      fallbackValue = "true",
      description = {
        "Whether all tokens of a word are hidden together. Default: as the",
        "run that trained the encoder."
      })
  private Boolean wholeWords;

  @Option(
      names = "--weights",
      paramLabel = "FORMATS",
      split = ",",
      defaultValue = "fp32",
      description = {
        "How matrices are kept in memory: fp32, int8 or int4; several,",
        "separated by commas, are compared. Default: ${DEFAULT-VALUE}."
      })
  private List<WeightFormat> weights;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write the numbers to this file; replaced if it exists.")
  private Path json;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "Also draw them, as SVG; replaced if it exists.")
  private Path plot;

  /** The models' folders. */
  public List<String> models() {
    return models;
  }

  /** How matrices are kept in memory, each at a time. */
  public List<WeightFormat> weights() {
    return weights.stream().distinct().toList();
  }

  /** What a table calls a model: with the format of its weights where there are several. */
  public String name(String model, WeightFormat format) {
    return weights().size() == 1 ? model : model + " " + SettingText.name(format);
  }

  /** The corpus. */
  public String data() {
    return data;
  }

  /** Windows to evaluate each model with. */
  public List<ContextLength> contexts() {
    return contexts.stream().map(ContextLength::parse).toList();
  }

  /**
   * Checks that nothing is asked for that decoders alone have.
   *
   * @param models what is evaluated instead, such as "Encoders"
   * @throws CommandException naming the option
   */
  public void requireNoContexts(String models) {
    if (!contexts.equals(List.of(TRAINED))) {
      throw new CommandException(
          models
              + " are evaluated at the context that they were trained at; leave --context out:"
              + " --context="
              + String.join(",", contexts));
    }
    if (plot != null) {
      throw new CommandException(
          models
              + " have no loss by position that could be drawn; leave --plot out: --plot="
              + plot);
    }
  }

  /**
   * Checks that nothing is asked for that only encoders have.
   *
   * @throws CommandException naming the option
   */
  public void requireForDecoders() {
    if (maskedShare != null || wholeWords != null) {
      throw new CommandException(
          "Only encoders are evaluated on hidden tokens; leave "
              + (maskedShare == null ? "--whole-words" : "--masked-share")
              + " out");
    }
  }

  /** Share of tokens that is hidden; empty for that of the runs. */
  public Optional<Float> maskedShare() {
    return Optional.ofNullable(maskedShare);
  }

  /** Whether whole words are hidden; empty for what the runs did. */
  public Optional<Boolean> wholeWords() {
    return Optional.ofNullable(wholeWords);
  }

  /** What is evaluated on. */
  public TokenSplit split() {
    return split;
  }

  /** Most windows of the longest context; 0 for all. */
  public int windows() {
    if (windows < 0) {
      throw new CommandException(
          "--windows must be at least 1, or 0 for the whole split: --windows=" + windows);
    }
    return windows;
  }

  /** Where the numbers go; or null. */
  public OutputFile json() {
    return json == null ? null : OutputFile.of("--json", json);
  }

  /** Where the picture goes; or null. */
  public OutputFile plot() {
    return plot == null ? null : OutputFile.of("--plot", plot);
  }
}
