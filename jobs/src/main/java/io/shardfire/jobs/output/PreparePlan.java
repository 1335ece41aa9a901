package io.shardfire.jobs.output;

import io.shardfire.driver.corpus.PrepareConfiguration;
import io.shardfire.driver.corpus.TokenizerKind;
import io.shardfire.driver.plan.RunStart;
import io.shardfire.worker.resume.SettingText;
import java.util.Locale;

/** What a run that makes its corpus first would make. */
public final class PreparePlan {
  private PreparePlan() {}

  /**
   * The lines below the header of a dry run.
   *
   * @param tokens with which the run was planned
   * @param start of the run that would follow
   */
  public static String text(PrepareConfiguration asked, int tokens, RunStart start) {
    return """
        corpus      %s of %s, %s
        tokenizer   %s
        action      make the corpus, then %s

        Dry run: what can be known before there is a corpus is in order, and nothing of it was read or written. The run would make %s and %s."""
        .formatted(
            content(asked),
            asked.source(),
            asked.validationFraction() + " of it to validate",
            tokenizer(asked, tokens),
            start.deed(),
            asked.output(),
            start.deed());
  }

  private static String content(PrepareConfiguration asked) {
    return asked
        .rows()
        .map(
            rows ->
                switch (rows.content()) {
                  case TEXT -> "texts";
                  case PAIR -> "pairs";
                  case CONVERSATION -> "conversations";
                })
        .orElseGet(() -> "documents=" + SettingText.name(asked.documents()));
  }

  private static String tokenizer(PrepareConfiguration asked, int tokens) {
    if (!asked.tokenizerPath().isEmpty()) {
      return String.format(
          Locale.ROOT, "%s, planned with %,d tokens", asked.tokenizerPath(), tokens);
    }
    String added = "the added tokens of " + SettingText.name(asked.addedTokens());
    return asked.tokenizer() == TokenizerKind.BPE
        ? String.format(Locale.ROOT, "a new bpe of %,d tokens with %s", tokens, added)
        : String.format(Locale.ROOT, "a new char with %s, planned with %,d tokens", added, tokens);
  }
}
