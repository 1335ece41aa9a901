package io.shardfire.jobs.output;

import io.shardfire.driver.baseline.NgramListener;
import java.io.PrintWriter;
import java.util.Locale;

/** A line for the n-grams of each order, once they are counted. */
public final class NgramProgress implements NgramListener {
  private final PrintWriter out;
  private volatile String awaited = "the corpus to be opened";

  /** Prints to a stream. */
  public NgramProgress(PrintWriter out) {
    this.out = out;
  }

  /** What is waited for now. Any thread may ask. */
  public String awaited() {
    return awaited;
  }

  @Override
  public void counting(int order) {
    awaited = "Spark to count n-grams: order=" + order;
  }

  @Override
  public void counted(int order, long grams) {
    out.println(String.format(Locale.ROOT, "counted          %,d %d-grams", grams, order));
    out.flush();
  }

  @Override
  public void evaluating() {
    awaited = "Spark to look up the n-grams of the validation split";
  }
}
