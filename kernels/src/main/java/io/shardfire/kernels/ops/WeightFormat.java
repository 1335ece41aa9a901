package io.shardfire.kernels.ops;

/**
 * How the weights of a matrix W[outputs, inputs] are stored. What is quantised is a level, a small
 * whole number, times a scale that several weights share.
 */
public enum WeightFormat {
  /** As they are trained. */
  FP32(0, 0, 0),

  /** Levels from -127 to 127, one scale for all weights of an output. */
  INT8(8, 127, -127),

  /**
   * Levels from -8 to 7, a scale for each 32 weights of an output: the organisation and the rule of
   * GGUF's Q4_0 (ggml-org/ggml, quantize_row_q4_0_ref), with a scale of 32 bits instead of 16,
   * which has the range of every weight.
   */
  INT4(4, 7, -8);

  /**
   * Weights that share a scale of {@link #INT4}, and numbers of a row that share one as it is
   * rounded.
   */
  static final int GROUP = 32;

  /** Outputs that lie side by side: {@code QUANTIZED_PANEL} in the kernels. */
  static final int PANEL = 16;

  private final int bits;
  private final int highest;
  private final int lowest;

  WeightFormat(int bits, int highest, int lowest) {
    this.bits = bits;
    this.highest = highest;
    this.lowest = lowest;
  }

  /** Whether a weight is a level times a scale. */
  public boolean quantizes() {
    return this != FP32;
  }

  /** Floats of memory whose bits hold the levels. */
  public long words(int outputs, int inputs) {
    requireLevels();
    return GROUP * Operands.tiles(inputs, GROUP) * panels(outputs) * PANEL * bits / Integer.SIZE;
  }

  /** Floats of memory that {@code rows} rows of so many inputs take, rounded. */
  public static long roundedFloats(int rows, int inputs) {
    return rows * Operands.tiles(inputs, GROUP) * (GROUP / 2 + 2);
  }

  /** Scales. */
  public long scales(int outputs, int inputs) {
    return (long) panels(outputs) * PANEL * groups(inputs);
  }

  /** Bytes of the levels and scales, of weights in fp32 of the weights. */
  public long bytes(int outputs, int inputs) {
    return Float.BYTES
        * (quantizes()
            ? words(outputs, inputs) + scales(outputs, inputs)
            : (long) outputs * inputs);
  }

  /** Groups of weights of an output that share a scale. */
  int groups(int inputs) {
    requireLevels();
    return this == INT8 ? 1 : (int) Operands.tiles(inputs, GROUP);
  }

  static int panels(int outputs) {
    return (int) Operands.tiles(outputs, PANEL);
  }

  int highest() {
    return highest;
  }

  int lowest() {
    return lowest;
  }

  /** {@code FORMAT_<name>} in the kernels. */
  int code() {
    requireLevels();
    return this == INT8 ? 1 : 2;
  }

  private void requireLevels() {
    if (!quantizes()) {
      throw new IllegalStateException("Weights in fp32 have no levels: format=" + this);
    }
  }
}
