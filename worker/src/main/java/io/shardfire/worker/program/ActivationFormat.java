package io.shardfire.worker.program;

/** How what the forward pass made is kept until the backward pass reads it. */
public enum ActivationFormat {
  /** As it was made. */
  FP32,

  /** Rounded to bf16, to the nearest and ties to even: half the memory. */
  BF16
}
