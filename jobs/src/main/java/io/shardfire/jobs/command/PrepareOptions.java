package io.shardfire.jobs.command;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Options of the prepare job; but for the flag they stand for settings. */
public final class PrepareOptions {
  @Option(
      names = {"-i", "--input"},
      paramLabel = "PATH",
      description = "File, folder or glob to read. May be repeated (setting prepare.input).")
  private List<String> input = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      description = "Folder to write (setting data).")
  private String output;

  @Option(
      names = "--documents",
      paramLabel = "MODE",
      description = {
        "What a document is: line, file, blank-lines or json-lines; or",
        "pairs (source, tab, target on a line) or json-pairs (an object",
        "with the fields source and target on a line)."
      })
  private String documents;

  @Option(
      names = "--json-field",
      paramLabel = "NAME",
      description = "The field that holds the text, for json-lines.")
  private String jsonField;

  @Option(
      names = "--tokenizer",
      paramLabel = "KIND",
      description = "Tokenizer to make: bpe or char.")
  private String tokenizer;

  @Option(
      names = "--vocabulary-size",
      paramLabel = "N",
      description = "Tokens of the bpe tokenizer.")
  private String vocabularySize;

  @Option(
      names = "--added-tokens",
      paramLabel = "SET",
      description = {
        "Special tokens of the new tokenizer: gpt2 (<|endoftext|>), bert",
        "([MASK] and its kin, for training.objective=masked) or t5 (<pad>,",
        "</s>, sentinels, for encoders with decoders; default for pairs)."
      })
  private String addedTokens;

  @Option(
      names = "--tokenizer-path",
      paramLabel = "FILE",
      description = "A tokenizer.json to use instead of making one.")
  private String tokenizerPath;

  @Option(
      names = "--special-tokens",
      paramLabel = "MODE",
      description = {
        "What <|endoftext|> and other special tokens mean inside the input:",
        "text, the characters themselves (default), or parse, the token."
      })
  private String specialTokens;

  @Option(
      names = "--validation-fraction",
      paramLabel = "X",
      description = "Share of the corpus held back for validation.")
  private String validationFraction;

  @Option(names = "--overwrite", description = "Replace an existing output.")
  private boolean overwrite;

  /** The options that stand for settings, by path. */
  public SortedMap<String, Object> settings() {
    SortedMap<String, Object> settings = new TreeMap<>();
    if (!input.isEmpty()) {
      settings.put("prepare.input", List.copyOf(input));
    }
    put(settings, "data", output);
    put(settings, "prepare.documents", documents);
    put(settings, "prepare.jsonField", jsonField);
    put(settings, "prepare.tokenizer", tokenizer);
    put(settings, "prepare.vocabularySize", vocabularySize);
    put(settings, "prepare.addedTokens", addedTokens);
    put(settings, "prepare.tokenizerPath", tokenizerPath);
    put(settings, "prepare.specialTokens", specialTokens);
    put(settings, "prepare.validationFraction", validationFraction);
    return settings;
  }

  private static void put(SortedMap<String, Object> settings, String path, String value) {
    if (value != null) {
      settings.put(path, value);
    }
  }

  /** Whether an existing output is replaced. */
  public boolean overwrite() {
    return overwrite;
  }
}
