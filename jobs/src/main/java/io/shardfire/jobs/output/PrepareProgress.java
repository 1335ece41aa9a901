package io.shardfire.jobs.output;

import io.shardfire.driver.corpus.PrepareListener;
import io.shardfire.driver.corpus.PreparePhase;
import io.shardfire.driver.corpus.PrepareReport;
import io.shardfire.driver.corpus.SkippedInput;
import io.shardfire.driver.source.SourceCounts;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** One line for each finished phase of a preparation, and the result. */
public final class PrepareProgress implements PrepareListener {
  /** Inputs that are named one by one. */
  private static final int MOST_SKIPPED = 10;

  private final PrintWriter out;
  private volatile String awaited;

  /**
   * Prints to a stream.
   *
   * @param folders what the first phase begins with a look at
   */
  public PrepareProgress(PrintWriter out, String folders) {
    this.out = out;
    this.awaited = folders;
  }

  /** What the preparation waits for now. Any thread may ask. */
  public String awaited() {
    return awaited;
  }

  @Override
  public void began(PreparePhase phase, long total) {
    advanced(phase, 0, total);
  }

  @Override
  public void advanced(PreparePhase phase, long done, long total) {
    if (total == 0) {
      awaited = "Spark to look at the sources: phase=" + phase.name().toLowerCase(Locale.ROOT);
      return;
    }
    awaited =
        String.format(
            Locale.ROOT,
            "the next of %,d %s, %,d of which are done: phase=%s",
            total,
            switch (phase) {
              case READ, CURATE, SCAN, COUNT, TOKENIZE -> "Spark tasks";
              case LEARN -> "tokens to learn";
              case COMMIT -> "files to put in place";
            },
            done,
            phase.name().toLowerCase(Locale.ROOT));
  }

  @Override
  public void finished(PreparePhase phase, double seconds) {
    out.println(String.format(Locale.ROOT, "%-32s %6.1f s", title(phase), seconds));
    out.flush();
  }

  private static String title(PreparePhase phase) {
    return switch (phase) {
      case READ -> "Read the sources";
      case CURATE -> "Curated their documents";
      case SCAN -> "Read the corpus";
      case COUNT -> "Counted words";
      case LEARN -> "Learned the tokenizer";
      case TOKENIZE -> "Tokenized";
      case COMMIT -> "Put the folder in place";
    };
  }

  /** The result. */
  public void print(PrepareReport report) {
    report.sources().forEach(this::source);
    line("documents", "%,d in %,d files", report.documents(), report.files());
    skipped(report.skipped());
    line("text", "%,d bytes", report.textBytes());
    line("vocabulary", "%,d tokens", report.vocabularySize());
    line(
        "tokens",
        "%,d to train, %,d to validate, in %,d shards",
        report.trainTokens(),
        report.validationTokens(),
        report.shards());
    line("written to", "%s", report.output());
    out.flush();
  }

  private void source(SourceCounts counts) {
    line("source", "%s", counts.source());
    count(counts.rows(), "rows read");
    counts.leftOut().forEach((reason, rows) -> count(-rows, reason));
    if (counts.weightedDocuments() != counts.documents()) {
      count(counts.documents(), "documents left, before weights");
    }
    count(counts.weightedDocuments(), "documents, %,d bytes".formatted(counts.bytes()));
  }

  private void count(long rows, String what) {
    if (rows != 0) {
      line("", "%,13d %s", rows, what);
    }
  }

  private void skipped(List<SkippedInput> inputs) {
    String label = "skipped";
    for (SkippedInput input : inputs.subList(0, Math.min(MOST_SKIPPED, inputs.size()))) {
      line(label, "%s", input);
      label = "";
    }
    if (inputs.size() > MOST_SKIPPED) {
      line(label, "and %,d more", inputs.size() - MOST_SKIPPED);
    }
  }

  private void line(String label, String format, Object... values) {
    out.println(
        String.format(Locale.ROOT, "%-11s %s", label, String.format(Locale.ROOT, format, values)));
  }
}
