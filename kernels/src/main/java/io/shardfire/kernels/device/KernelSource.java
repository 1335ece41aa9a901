package io.shardfire.kernels.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Puts the OpenCL C files together, in the order in which they use each other. */
final class KernelSource {
  /** Forces the vector width of the kernels, in floats. */
  static final String LANES_PROPERTY = "shardfire.kernels.lanes";

  /**
   * Floats of local memory the kernel declares: 256 KiB, what the backward pass of attention needs
   * (see {@code attention/tiling.cl}) and what devices with a small second-level cache still have.
   */
  static final int LOCAL_FLOATS = 65_536;

  private static final String ROOT = "/opencl/";

  /** Every file, dependencies first. */
  static final List<String> FILES =
      List.of(
          "common/types.cl",
          "common/command.cl",
          "common/math.cl",
          "elementwise/elementwise.cl",
          "elementwise/scale.cl",
          "activation/gelu.cl",
          "activation/activation.cl",
          "activation/gated.cl",
          "matmul/panels.cl",
          "matmul/microkernel.cl",
          "matmul/epilogue.cl",
          "matmul/matmul.cl",
          "matmul/matvec.cl",
          "dropout/mask.cl",
          "dropout/dropout.cl",
          "attention/tiling.cl",
          "attention/call.cl",
          "attention/forward.cl",
          "attention/backward.cl",
          "attention/weights.cl",
          "attention/relative_bias.cl",
          "attention/decode.cl",
          "normalization/rows.cl",
          "normalization/layer_norm.cl",
          "normalization/rms_norm.cl",
          "reduction/column_sum.cl",
          "reduction/square_sum.cl",
          "reduction/finite_check.cl",
          "reduction/tree_sum.cl",
          "conversion/half.cl",
          "embedding/embedding.cl",
          "position/rope.cl",
          "position/position_add.cl",
          "loss/cross_entropy.cl",
          "activation/softmax.cl",
          "optimizer/adamw.cl",
          "optimizer/sgd.cl",
          "optimizer/lion.cl",
          "optimizer/adafactor.cl",
          "diagnostics/multiply_add_peak.cl",
          "dispatch.cl");

  private KernelSource() {}

  /**
   * The whole program, for the sizes of a record. The vector width is the device's own unless the
   * system property {@value #LANES_PROPERTY} says 8 or 16: executors of different CPU generations
   * need one width to compute the same bits.
   */
  static String assemble(DeviceRecord record) {
    return assemble(System.getProperty(LANES_PROPERTY), record);
  }

  static String assemble(String lanes, DeviceRecord record) {
    StringBuilder source = new StringBuilder();
    if (lanes != null) {
      if (!lanes.equals("8") && !lanes.equals("16")) {
        throw new ComputeException(
            "The vector width must be 8 or 16: " + LANES_PROPERTY + "=" + lanes);
      }
      source.append("#define LANES ").append(lanes).append('\n');
    }
    source.append("#define LOCAL_FLOATS ").append(LOCAL_FLOATS).append('\n');
    source.append(record.macros());
    for (Opcode opcode : Opcode.values()) {
      source.append("#define OPCODE_").append(opcode).append(' ');
      source.append(opcode.code()).append('\n');
    }
    for (String file : FILES) {
      source.append("#line 1 \"").append(file).append("\"\n").append(read(file));
    }
    return source.toString();
  }

  private static String read(String file) {
    try (InputStream in = KernelSource.class.getResourceAsStream(ROOT + file)) {
      if (in == null) {
        throw new ComputeException(
            "An OpenCL source file is missing from the class path; rebuild the jar: file="
                + ROOT
                + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read an OpenCL source file: file=" + ROOT + file, e);
    }
  }
}
