package io.shardfire.worker.objective;

/** What a model is asked to predict. */
public enum ObjectiveKind {
  /** What suits the kind of the model. */
  AUTO,
  /** Each token from those before it. */
  CAUSAL,
  /** Tokens that were hidden, from those on both sides (Devlin et al., 2019). */
  MASKED,
  /** Spans that were cut out, by a decoder, from what is left (Raffel et al., 2020). */
  SPAN_CORRUPTION,
  /** A target sequence from a source sequence (Sutskever et al., 2014). */
  SEQUENCE_TO_SEQUENCE
}
