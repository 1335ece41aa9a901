package io.shardfire.driver.corpus;

import io.shardfire.driver.source.RowContent;
import io.shardfire.driver.source.RowSettings;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What {@link CorpusPreparation} reads, makes and writes.
 *
 * @param input files, folders (read with all their subfolders) or globs, on any Hadoop file system.
 *     In folders and among the matches of a glob, names that begin with {@code _} or {@code .} are
 *     skipped, as Hadoop's inputs do; a file that several paths or links lead to is read once;
 *     links to nothing and empty files are skipped. Compressed files are known by their suffix:
 *     .gz, .bz2, .zst and what {@code io.compression.codecs} adds. Empty where {@code rows} are
 *     read
 * @param rows what is read by Spark's SQL instead of files of text; {@code documents} and {@code
 *     jsonField} then tell how its documents are staged
 * @param output folder to make
 * @param documents what a document is
 * @param jsonField the field that holds the text; used by {@link DocumentMode#JSON_LINES} only
 * @param tokenizer which tokenizer to make; ignored when {@code tokenizerPath} is given
 * @param vocabularySize ids of a new BPE tokenizer, with the 256 bytes and the added tokens;
 *     ignored otherwise
 * @param addedTokens the special tokens of a new tokenizer; ignored when {@code tokenizerPath} is
 *     given
 * @param tokenizerPath a {@code tokenizer.json}, or a folder with one, to use instead of making a
 *     tokenizer; empty for none
 * @param split how the validation split is chosen
 * @param validationFraction share of validation, at least 0 and below 1
 * @param seed of the hashed split
 * @param appendEndOfText whether each document, and both parts of a pair, ends with the token for
 *     that; otherwise a document ends with the {@link DocumentMode#separator()}
 * @param specialTokens what text means that spells a special token of the tokenizer. A conversation
 *     is marked up with such tokens: one that spells another by itself is left out, unless they are
 *     to be parsed
 * @param tokensPerShard a shard file ends after the document that reaches this
 * @param bytesPerTask input bytes of one task, which writes its own shards; 0 chooses by the size
 *     of the input (never by the size of the cluster, so that any cluster writes the same files)
 * @param overwrite whether an existing output is replaced, once the new one is complete
 * @param written the settings by the keys and in the words of whoever asks, to be recorded with the
 *     corpus; without secrets
 */
public record PrepareConfiguration(
    List<String> input,
    Optional<RowSettings> rows,
    String output,
    DocumentMode documents,
    String jsonField,
    TokenizerKind tokenizer,
    int vocabularySize,
    AddedTokens addedTokens,
    String tokenizerPath,
    SplitMode split,
    double validationFraction,
    long seed,
    boolean appendEndOfText,
    SpecialTokens specialTokens,
    long tokensPerShard,
    long bytesPerTask,
    boolean overwrite,
    Map<String, String> written) {
  /** The bytes. */
  private static final int BYTES = 256;

  /** Largest vocabulary: ids must stay exact as floats. */
  public static final int LARGEST_VOCABULARY = 1 << 24;

  /** Copies and checks. */
  public PrepareConfiguration {
    input = List.copyOf(input);
    written = Map.copyOf(written);
    Objects.requireNonNull(rows, "rows");
    Objects.requireNonNull(output, "output");
    Objects.requireNonNull(documents, "documents");
    Objects.requireNonNull(jsonField, "jsonField");
    Objects.requireNonNull(tokenizer, "tokenizer");
    Objects.requireNonNull(addedTokens, "addedTokens");
    Objects.requireNonNull(tokenizerPath, "tokenizerPath");
    Objects.requireNonNull(split, "split");
    Objects.requireNonNull(specialTokens, "specialTokens");
    check(
        input.isEmpty() == rows.isPresent() && input.stream().noneMatch(String::isBlank),
        "input=" + input,
        "Give at least one path or glob, none of them blank");
    check(!output.isBlank(), "output=" + output, "Give the folder to make");
    check(
        documents != DocumentMode.JSON_LINES || !jsonField.isBlank(),
        "jsonField=" + jsonField,
        "Give the name of the field that holds the text");
    check(
        tokenizer != TokenizerKind.BPE
            || !tokenizerPath.isEmpty()
            || (vocabularySize >= BYTES + addedTokens.tokens().size()
                && vocabularySize <= LARGEST_VOCABULARY),
        "vocabularySize=" + vocabularySize,
        "Choose from %s (the 256 bytes and %s) to %s"
            .formatted(
                BYTES + addedTokens.tokens().size(), shown(addedTokens), LARGEST_VOCABULARY));
    check(
        validationFraction >= 0 && validationFraction < 1,
        "validationFraction=" + validationFraction,
        "Choose at least 0 and less than 1, for example 0.05");
    check(
        specialTokens == SpecialTokens.TEXT
            || tokenizer != TokenizerKind.CHAR
            || !tokenizerPath.isEmpty()
            || appendEndOfText
            || addedTokens != AddedTokens.GPT2,
        "specialTokens=parse tokenizer=char appendEndOfText=false",
        "This tokenizer has no special tokens; give it one with appendEndOfText=true, or choose"
            + " specialTokens=text");
    check(
        !documents.pairs() || appendEndOfText,
        "documents=" + documents + " appendEndOfText=false",
        "A model learns from the token where a target ends; leave appendEndOfText out");
    boolean conversations = holdsConversations(rows);
    check(
        !conversations || !tokenizerPath.isEmpty() || addedTokens == AddedTokens.CHAT,
        "addedTokens=" + addedTokens,
        "Messages need the tokens that begin and end one; choose addedTokens=chat, or leave it out");
    check(
        !conversations || split != SplitMode.CONTIGUOUS,
        "split=contiguous",
        "It would cut a conversation in two; choose split=hashed");
    check(tokensPerShard > 0, "tokensPerShard=" + tokensPerShard, "Choose at least 1");
    check(bytesPerTask >= 0, "bytesPerTask=" + bytesPerTask, "Choose 0 (automatic) or more");
  }

  /** Where the text comes from, for people. */
  public String source() {
    return rows.map(RowSettings::shown).orElseGet(() -> String.join(", ", input));
  }

  /** Whether rows become conversations. */
  static boolean holdsConversations(Optional<RowSettings> rows) {
    return rows.filter(read -> read.content() == RowContent.CONVERSATION).isPresent();
  }

  /** Whether documents are conversations. */
  boolean conversations() {
    return holdsConversations(rows);
  }

  /** What the documents that are tokenized mean where they spell a special token. */
  SpecialTokens specialTokensOfDocuments() {
    return conversations() ? SpecialTokens.PARSE : specialTokens;
  }

  private static String shown(AddedTokens added) {
    return added == AddedTokens.GPT2
        ? TokenizerJson.END_OF_TEXT
        : "the %s tokens of %s".formatted(added.tokens().size(), added);
  }

  /** The special tokens of a new character tokenizer. */
  List<String> characterTokens() {
    return addedTokens == AddedTokens.GPT2 && !appendEndOfText ? List.of() : addedTokens.tokens();
  }

  private static void check(boolean valid, String value, String remedy) {
    if (!valid) {
      throw new IllegalArgumentException("Invalid preparation setting: " + value + ". " + remedy);
    }
  }

  /** Starts from the defaults: lines, BPE of 8192 tokens, 1% hashed validation. */
  public static PrepareConfigurationBuilder builder(List<String> input, String output) {
    return new PrepareConfigurationBuilder(input, output);
  }
}
