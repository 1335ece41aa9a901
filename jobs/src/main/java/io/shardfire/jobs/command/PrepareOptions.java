package io.shardfire.jobs.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Options of the prepare job; but for the flag they stand for settings. */
public final class PrepareOptions {
  @Option(
      names = {"-i", "--input"},
      paramLabel = "PATH",
      description = "${bundle:prepare.input}")
  private List<String> input = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FOLDER",
      description = "${bundle:data}")
  private String output;

  @Option(names = "--documents", paramLabel = "MODE", description = "${bundle:prepare.documents}")
  private String documents;

  @Option(names = "--json-field", paramLabel = "NAME", description = "${bundle:prepare.jsonField}")
  private String jsonField;

  @Option(names = "--format", paramLabel = "FORMAT", description = "${bundle:prepare.format}")
  private String format;

  @Option(names = "--option", paramLabel = "KEY=VALUE", description = "${bundle:prepare.options}")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(names = "--column", paramLabel = "ROLE=NAME", description = "${bundle:prepare.columns}")
  private Map<String, String> columns = new LinkedHashMap<>();

  @Option(names = "--where", paramLabel = "EXPRESSION", description = "${bundle:prepare.where}")
  private String where;

  @Option(names = "--sql", paramLabel = "QUERY", description = "${bundle:prepare.sql}")
  private String sql;

  @Option(
      names = "--deduplicate",
      paramLabel = "KIND",
      description = "${bundle:prepare.deduplicate}")
  private String deduplicate;

  @Option(names = "--tokenizer", paramLabel = "KIND", description = "${bundle:prepare.tokenizer}")
  private String tokenizer;

  @Option(
      names = "--vocabulary-size",
      paramLabel = "N",
      description = "${bundle:prepare.vocabularySize}")
  private String vocabularySize;

  @Option(
      names = "--added-tokens",
      paramLabel = "SET",
      description = "${bundle:prepare.addedTokens}")
  private String addedTokens;

  @Option(
      names = "--tokenizer-path",
      paramLabel = "FILE",
      description = "${bundle:prepare.tokenizerPath}")
  private String tokenizerPath;

  @Option(
      names = "--special-tokens",
      paramLabel = "MODE",
      description = "${bundle:prepare.specialTokens}")
  private String specialTokens;

  @Option(
      names = "--validation-fraction",
      paramLabel = "X",
      description = "${bundle:prepare.validationFraction}")
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
    put(settings, "prepare.format", format);
    options.forEach((key, value) -> put(settings, "prepare.options." + key, value));
    columns.forEach((role, name) -> put(settings, "prepare.columns." + role, name));
    put(settings, "prepare.where", where);
    put(settings, "prepare.sql", sql);
    put(settings, "prepare.deduplicate", deduplicate);
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
