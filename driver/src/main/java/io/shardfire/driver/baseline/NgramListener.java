package io.shardfire.driver.baseline;

/** Told how far an n-gram model is, by the thread that estimates it. */
public interface NgramListener {
  /** The n-grams of {@code order} tokens are counted now. */
  void counting(int order);

  /** They are counted: there are {@code grams} different ones. */
  void counted(int order, long grams);

  /** The validation split is looked up in all of them now. */
  void evaluating();
}
