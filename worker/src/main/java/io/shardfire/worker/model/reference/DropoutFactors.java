package io.shardfire.worker.model.reference;

/** What dropout multiplies an element by. */
@FunctionalInterface
public interface DropoutFactors {
  /** Nothing is dropped. */
  DropoutFactors NONE = (stream, element) -> 1;

  /** 0 for a dropped element, 1/(1-rate) for a kept one; attention elements are [B,H,T,T]. */
  double factor(int stream, long element);
}
