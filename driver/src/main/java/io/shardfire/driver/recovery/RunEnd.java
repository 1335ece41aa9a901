package io.shardfire.driver.recovery;

/** How the whole run ended. */
public sealed interface RunEnd<T> {
  /** The last step is done. */
  record Completed<T>(T result, int restarts) implements RunEnd<T> {}

  /**
   * The run has failed for good.
   *
   * @param reason why it was not started again
   */
  record GivenUp<T>(Failure failure, String reason) implements RunEnd<T> {}

  /** The run was stopped on request. */
  record Cancelled<T>() implements RunEnd<T> {}
}
