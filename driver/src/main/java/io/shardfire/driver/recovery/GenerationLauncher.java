package io.shardfire.driver.recovery;

/** Runs generations, one after the other. */
@FunctionalInterface
public interface GenerationLauncher<T> {
  /** Runs one generation; returns when it has ended and its ranks are gone. */
  GenerationEnd<T> run(Generation generation);
}
