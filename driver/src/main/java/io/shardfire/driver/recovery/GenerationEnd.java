package io.shardfire.driver.recovery;

import java.util.Optional;

/** How a generation ended. */
public sealed interface GenerationEnd<T> {
  /** All ranks did their last step. */
  record Completed<T>(T result) implements GenerationEnd<T> {}

  /**
   * The generation failed.
   *
   * @param obstacle why no other generation may follow, such as ranks that do not end; mostly empty
   */
  record Failed<T>(Failure failure, Optional<String> obstacle) implements GenerationEnd<T> {}
}
