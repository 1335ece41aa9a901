package io.shardfire.kernels.ops;

/**
 * What a recurrent layer computes of each token. Matrices of gates hold them side by side, in the
 * order that is named here and that PyTorch has.
 */
public enum RecurrentCell {
  /** tanh of a sum (Elman, 1990). */
  RNN(1),
  /**
   * Long short-term memory with a forget gate (Hochreiter and Schmidhuber, 1997; Gers et al.,
   * 2000): input, forget, candidate, output.
   */
  LSTM(4),
  /**
   * Gated recurrent unit (Cho et al., 2014): reset, update, candidate; the reset gate multiplies
   * the product of state and weights, as in cuDNN, not the state before it.
   */
  GRU(3);

  private final int gates;

  RecurrentCell(int gates) {
    this.gates = gates;
  }

  /** G. */
  public int gates() {
    return gates;
  }

  /** Whether [B T, H] more is kept for the backward pass and, by the LSTM, for the next token. */
  public boolean keeps() {
    return this != RNN;
  }

  /** Whether the gradients of what input and state give the gates differ. */
  public boolean splitsGradient() {
    return this == GRU;
  }

  @SuppressWarnings("EnumOrdinal") // CELL_RNN, CELL_LSTM, CELL_GRU
  int code() {
    return ordinal();
  }
}
