package io.shardfire.driver.corpus;

import io.shardfire.driver.source.ColumnMapping;
import io.shardfire.driver.source.RowContent;
import io.shardfire.driver.source.RowSettings;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.SpecialTokens;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Collects the settings of a {@link PrepareConfiguration}, whose defaults stand here. Not
 * thread-safe.
 */
public final class PrepareConfigurationBuilder {
  private final List<String> input;
  private final String output;
  private Optional<RowSettings> rows = Optional.empty();
  private DocumentMode documents = DocumentMode.LINE;
  private String jsonField = "text";
  private TokenizerKind tokenizer = TokenizerKind.BPE;
  private int vocabularySize = 8192;
  private Optional<AddedTokens> addedTokens = Optional.empty();
  private String tokenizerPath = "";
  private SplitMode split = SplitMode.HASHED;
  private double validationFraction = 0.01;
  private long seed = 1337;
  private Optional<Boolean> appendEndOfText = Optional.empty();
  private SpecialTokens specialTokens = SpecialTokens.TEXT;
  private long tokensPerShard = 1L << 26;
  private long bytesPerTask;
  private boolean overwrite;
  private Map<String, String> written = Map.of();

  PrepareConfigurationBuilder(List<String> input, String output) {
    this.input = List.copyOf(input);
    this.output = output;
  }

  /**
   * Default: none, files of text are read. Rows say themselves what their documents are; the input
   * is then empty.
   */
  public PrepareConfigurationBuilder rows(RowSettings value) {
    rows = Optional.of(value);
    jsonField = ColumnMapping.TEXT;
    return documents(
        value.content() == RowContent.PAIR ? DocumentMode.JSON_PAIRS : DocumentMode.JSON_LINES);
  }

  /** Default: {@link DocumentMode#LINE}. */
  public PrepareConfigurationBuilder documents(DocumentMode value) {
    documents = value;
    return this;
  }

  /** Default: {@code text}. */
  public PrepareConfigurationBuilder jsonField(String value) {
    jsonField = value;
    return this;
  }

  /** Default: {@link TokenizerKind#BPE}. */
  public PrepareConfigurationBuilder tokenizer(TokenizerKind value) {
    tokenizer = value;
    return this;
  }

  /** Default: 8192. */
  public PrepareConfigurationBuilder vocabularySize(int value) {
    vocabularySize = value;
    return this;
  }

  /**
   * Default: {@link AddedTokens#T5} for pairs, {@link AddedTokens#CHAT} for conversations, else
   * {@link AddedTokens#GPT2}.
   */
  public PrepareConfigurationBuilder addedTokens(AddedTokens value) {
    addedTokens = Optional.of(value);
    return this;
  }

  /** Default: empty, a tokenizer is made. */
  public PrepareConfigurationBuilder tokenizerPath(String value) {
    tokenizerPath = value;
    return this;
  }

  /** Default: {@link SplitMode#HASHED}. */
  public PrepareConfigurationBuilder split(SplitMode value) {
    split = value;
    return this;
  }

  /** Default: 0.01. */
  public PrepareConfigurationBuilder validationFraction(double value) {
    validationFraction = value;
    return this;
  }

  /** Default: 1337. */
  public PrepareConfigurationBuilder seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Default: true, except for a new {@link TokenizerKind#CHAR} tokenizer with the tokens of {@link
   * AddedTokens#GPT2}.
   */
  public PrepareConfigurationBuilder appendEndOfText(boolean value) {
    appendEndOfText = Optional.of(value);
    return this;
  }

  /** Default: {@link SpecialTokens#TEXT}. */
  public PrepareConfigurationBuilder specialTokens(SpecialTokens value) {
    specialTokens = value;
    return this;
  }

  /** Default: 2^26, shards of 128 MiB. */
  public PrepareConfigurationBuilder tokensPerShard(long value) {
    tokensPerShard = value;
    return this;
  }

  /** Default: 0, by the size of the input. */
  public PrepareConfigurationBuilder bytesPerTask(long value) {
    bytesPerTask = value;
    return this;
  }

  /** Default: false. */
  public PrepareConfigurationBuilder overwrite(boolean value) {
    overwrite = value;
    return this;
  }

  /** Default: none. */
  public PrepareConfigurationBuilder written(Map<String, String> value) {
    written = Map.copyOf(value);
    return this;
  }

  /**
   * The configuration.
   *
   * @throws IllegalArgumentException naming the first setting that is out of range
   */
  public PrepareConfiguration build() {
    AddedTokens added = addedTokens.orElseGet(this::neededTokens);
    boolean textOnly =
        tokenizer == TokenizerKind.CHAR && tokenizerPath.isEmpty() && added == AddedTokens.GPT2;
    return new PrepareConfiguration(
        input,
        rows,
        output,
        documents,
        jsonField,
        tokenizer,
        vocabularySize,
        added,
        tokenizerPath,
        split,
        validationFraction,
        seed,
        appendEndOfText.orElse(!textOnly || documents.pairs()),
        specialTokens,
        tokensPerShard,
        bytesPerTask,
        overwrite,
        written);
  }

  private AddedTokens neededTokens() {
    if (PrepareConfiguration.holdsConversations(rows)) {
      return AddedTokens.CHAT;
    }
    return documents.pairs() ? AddedTokens.T5 : AddedTokens.GPT2;
  }
}
