package io.shardfire.worker.generate;

/** Told what is generated, by the thread that generates. */
@FunctionalInterface
public interface GenerationListener {
  /** A continuation is complete. */
  void finished(Continuation continuation);

  /** More text of a continuation: whole characters, and no part of a stop string. */
  default void text(int prompt, int sample, String piece) {}

  /** Something that a user should know, such as a prompt that was cut. */
  default void notice(String message) {}
}
