package io.shardfire.jobs.output;

import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.inspect.MaskSettings;
import io.shardfire.worker.inspect.MaskedLosses;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Prints how encoders were evaluated, each row as soon as it is there. */
public final class MaskedTable implements Consumer<MaskedRow> {
  private static final double PERCENT = 100;

  private final PrintWriter out;
  private final String nameFormat;

  /** Prints to a stream, with a column that is wide enough for these models. */
  public MaskedTable(PrintWriter out, List<String> models) {
    this.out = out;
    this.nameFormat =
        "%-"
            + models.stream().mapToInt(String::length).reduce("model".length(), Math::max)
            + "s  %-10s ";
  }

  /** Prints what is evaluated on, and the head of the table. */
  public void begin(String corpus, TokenDataset data, TokenSplit split, MaskSettings masks) {
    line(
        "%s, %s split: hidden tokens (%s) of sequences spread over %,d tokens",
        corpus, split.name().toLowerCase(Locale.ROOT), masks.summary(), data.tokens(split));
    line("");
    line(
        nameFormat + "%7s %9s %8s %9s %11s %8s %8s",
        "model",
        "positions",
        "context",
        "sequences",
        "hidden",
        "loss",
        "perplexity",
        "accuracy",
        "unigram");
    out.flush();
  }

  @Override
  public void accept(MaskedRow row) {
    MaskedLosses losses = row.losses();
    line(
        nameFormat + "%7d %9d %8d %9.4f %11.3f %7.2f%% %7.2f%%",
        row.model(),
        row.positions(),
        row.context(),
        losses.sequences(),
        losses.hidden(),
        losses.mean(),
        losses.perplexity(),
        PERCENT * losses.accuracy(),
        PERCENT * losses.unigramAccuracy());
    out.flush();
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
