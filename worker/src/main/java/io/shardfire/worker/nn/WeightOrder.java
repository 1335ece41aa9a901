package io.shardfire.worker.nn;

/** How a family stores the weight of a linear layer: it is trained as it is published. */
public enum WeightOrder {
  /** Row i holds what input i contributes: GPT-2. */
  INPUT_BY_OUTPUT,
  /** Row j holds what makes output j: most others. */
  OUTPUT_BY_INPUT
}
