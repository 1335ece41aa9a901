package io.shardfire.kernels.device;

/**
 * What a command does. The OpenCL dispatcher knows each constant as {@code OPCODE_<name>}, defined
 * as {@link #code()}.
 */
public enum Opcode {
  MATMUL_NN,
  MATMUL_NT,
  MATMUL_TN,
  /** By tiles of 64, where those of 128 would leave compute units without one. */
  MATMUL_NN_SMALL,
  MATMUL_NT_SMALL,
  MATMUL_TN_SMALL,
  BF16_PACK,
  BF16_MATMUL,
  FP16_ROUND,
  ATTENTION_FORWARD,
  ATTENTION_BACKWARD,
  BF16_ATTENTION_FORWARD,
  BF16_ATTENTION_BACKWARD,
  ATTENTION_DECODE,
  ATTENTION_WEIGHTS,
  CACHE_APPEND,
  CACHE_COPY,
  RELATIVE_BIAS_FORWARD,
  RELATIVE_BIAS_BACKWARD,
  DROPOUT,
  LAYER_NORM_FORWARD,
  LAYER_NORM_BACKWARD_INPUT,
  LAYER_NORM_BACKWARD_PARAMETERS,
  GELU_FORWARD,
  GELU_BACKWARD,
  COLUMN_SUM,
  SQUARE_SUM,
  EMBEDDING_FORWARD,
  EMBEDDING_BACKWARD_TOKENS,
  EMBEDDING_BACKWARD_POSITIONS,
  CROSS_ENTROPY_FORWARD,
  CROSS_ENTROPY_FORWARD_BACKWARD,
  ADAMW,
  COPY,
  FILL,
  ADD,
  RMS_NORM_FORWARD,
  RMS_NORM_BACKWARD_INPUT,
  RMS_NORM_BACKWARD_WEIGHT,
  ACTIVATION,
  GATED,
  RECURRENT_FORWARD,
  RECURRENT_BACKWARD,
  RECURRENT_LOAD,
  RECURRENT_STORE,
  ROPE,
  POSITION_ADD,
  SOFTMAX_FORWARD,
  SOFTMAX_BACKWARD,
  SGD,
  LION,
  ADAFACTOR_ROWS,
  ADAFACTOR_COLUMNS,
  ADAFACTOR_MEAN,
  ADAFACTOR_NORMS,
  ADAFACTOR_TOTALS,
  ADAFACTOR_APPLY,
  SCALE,
  FINITE_CHECK,
  FINITE_CHECK_TOTAL,
  TREE_SUM,
  HALF_PACK,
  HALF_UNPACK,
  MATVEC_NN,
  MATVEC_NT,
  ROUND_ROWS,
  INT8_MATVEC,
  INT4_MATVEC,
  DEQUANTIZE,
  QUANTIZED_EMBEDDING,
  MULTIPLY_ADD_PEAK,
  EXP_PEAK;

  private static final Opcode[] BY_CODE = values();

  /** The number in the command table. Program and tables come from one JVM, so any will do. */
  @SuppressWarnings("EnumOrdinal")
  int code() {
    return ordinal();
  }

  /**
   * Whether the kernels of a form do it; the launchers record other commands for those that do not.
   */
  boolean isOf(KernelForm form) {
    return switch (this) {
      case BF16_PACK, BF16_MATMUL, FP16_ROUND, BF16_ATTENTION_FORWARD, BF16_ATTENTION_BACKWARD ->
          form == KernelForm.CPU;
      case MATMUL_NN_SMALL, MATMUL_NT_SMALL, MATMUL_TN_SMALL -> form == KernelForm.GPU;
      default -> true;
    };
  }

  static Opcode of(int code) {
    return BY_CODE[code];
  }
}
