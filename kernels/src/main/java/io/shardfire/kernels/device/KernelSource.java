package io.shardfire.kernels.device;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

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

  /** The files of the CPU forms, dependencies first. */
  private static final List<String> CPU_FILES =
      List.of(
          "common/types.cl",
          "common/command.cl",
          "common/math.cl",
          "common/conversion/numbers.cl",
          "common/elementwise/elementwise.cl",
          "common/elementwise/scale.cl",
          "common/activation/gelu.cl",
          "common/activation/activation.cl",
          "common/activation/gated.cl",
          "common/matmul/product.cl",
          "cpu/matmul/panels.cl",
          "cpu/matmul/microkernel.cl",
          "cpu/matmul/epilogue.cl",
          "cpu/matmul/matmul.cl",
          "cpu/matmul/matvec.cl",
          "common/matmul/quantized.cl",
          "cpu/matmul/quantized.cl",
          "cpu/matmul/bf16_unit.cl",
          "cpu/matmul/bf16_convert.cl",
          "cpu/matmul/bf16_pack.cl",
          "cpu/matmul/bf16_tiles.cl",
          "cpu/matmul/bf16_pairs.cl",
          "cpu/matmul/bf16.cl",
          "common/dropout/mask.cl",
          "common/dropout/dropout.cl",
          "cpu/attention/tiling.cl",
          "common/attention/call.cl",
          "cpu/attention/visible.cl",
          "cpu/attention/strips.cl",
          "cpu/attention/forward.cl",
          "cpu/attention/backward.cl",
          "cpu/attention/bf16_products.cl",
          "cpu/attention/bf16_forward.cl",
          "cpu/attention/bf16_backward.cl",
          "cpu/attention/weights.cl",
          "cpu/attention/relative_bias.cl",
          "cpu/attention/decode.cl",
          "common/reduction/columns.cl",
          "cpu/reduction/column_sum.cl",
          "common/normalization/rows.cl",
          "cpu/normalization/rows.cl",
          "cpu/normalization/layer_norm.cl",
          "cpu/normalization/rms_norm.cl",
          "cpu/reduction/square_sum.cl",
          "cpu/reduction/finite_check.cl",
          "common/reduction/tree_sum.cl",
          "common/conversion/half_bits.cl",
          "cpu/conversion/half.cl",
          "cpu/matmul/fp16.cl",
          "common/embedding/embedding.cl",
          "common/attention/cache.cl",
          "common/recurrent/cell.cl",
          "common/recurrent/state.cl",
          "cpu/position/rope.cl",
          "common/position/position_add.cl",
          "cpu/loss/cross_entropy.cl",
          "cpu/activation/softmax.cl",
          "common/optimizer/adamw.cl",
          "common/optimizer/sgd.cl",
          "common/optimizer/lion.cl",
          "common/optimizer/adafactor.cl",
          "cpu/optimizer/adafactor.cl",
          "cpu/diagnostics/multiply_add_peak.cl",
          "cpu/diagnostics/exp_peak.cl",
          "cpu/dispatch.cl");

  /** The files of the GPU forms, dependencies first. */
  private static final List<String> GPU_FILES =
      List.of(
          "common/types.cl",
          "common/command.cl",
          "common/math.cl",
          "common/conversion/numbers.cl",
          "gpu/work_group.cl",
          "gpu/staging.cl",
          "common/elementwise/elementwise.cl",
          "common/elementwise/scale.cl",
          "common/activation/gelu.cl",
          "common/activation/activation.cl",
          "common/activation/gated.cl",
          "common/dropout/mask.cl",
          "common/dropout/dropout.cl",
          "common/reduction/tree_sum.cl",
          "common/reduction/columns.cl",
          "common/embedding/embedding.cl",
          "common/attention/cache.cl",
          "common/recurrent/cell.cl",
          "common/recurrent/state.cl",
          "common/position/position_add.cl",
          "common/optimizer/adamw.cl",
          "common/optimizer/sgd.cl",
          "common/optimizer/lion.cl",
          "common/optimizer/adafactor.cl",
          "common/matmul/quantized.cl",
          "gpu/tiles.cl",
          "common/conversion/half_bits.cl",
          "gpu/conversion/half.cl",
          "gpu/reduction/columns.cl",
          "gpu/reduction/sums.cl",
          "common/normalization/rows.cl",
          "gpu/normalization/norms.cl",
          "gpu/activation/softmax.cl",
          "gpu/loss/cross_entropy.cl",
          "common/attention/call.cl",
          "gpu/attention/tile.cl",
          "gpu/attention/forward.cl",
          "gpu/attention/backward.cl",
          "gpu/attention/decode.cl",
          "gpu/attention/relative_bias.cl",
          "gpu/position/rope.cl",
          "gpu/optimizer/adafactor.cl",
          "common/matmul/product.cl",
          "gpu/matmul/epilogue.cl",
          "gpu/matmul/operands.cl",
          "gpu/matmul/side_64.cl",
          "gpu/matmul/tile.cl",
          "gpu/matmul/side_128.cl",
          "gpu/matmul/tile.cl",
          "gpu/matmul/matmul.cl",
          "gpu/matmul/matvec.cl",
          "gpu/matmul/quantized.cl",
          "gpu/diagnostics/multiply_add_peak.cl",
          "gpu/diagnostics/exp_peak.cl");

  private KernelSource() {}

  /**
   * The whole program of a form, for the sizes of a record. The vector width of CPU forms is the
   * device's own unless the system property {@value #LANES_PROPERTY} says 8 or 16: executors of
   * different CPU generations need one width to compute the same bits.
   *
   * @param arenas how many every kernel takes
   */
  static String assemble(KernelForm form, DeviceRecord record, int arenas) {
    return assemble(form, System.getProperty(LANES_PROPERTY), record, arenas);
  }

  static String assemble(KernelForm form, String lanes, DeviceRecord record, int arenas) {
    StringBuilder source = new StringBuilder();
    if (form == KernelForm.GPU) {
      // A work-item is one lane: vector functions become scalar ones.
      source.append("#define LANES 1\n");
    } else if (lanes != null) {
      if (!lanes.equals("8") && !lanes.equals("16")) {
        throw new ComputeException(
            "The vector width must be 8 or 16: " + LANES_PROPERTY + "=" + lanes);
      }
      source.append("#define LANES ").append(lanes).append('\n');
    }
    source.append("#define LOCAL_FLOATS ").append(LOCAL_FLOATS).append('\n');
    source.append(arenaMacros(arenas));
    source.append(record.macros());
    for (Opcode opcode : Opcode.values()) {
      source.append("#define OPCODE_").append(opcode).append(' ');
      source.append(opcode.code()).append('\n');
    }
    for (String file : form == KernelForm.GPU ? GPU_FILES : CPU_FILES) {
      source.append("#line 1 \"").append(file).append("\"\n").append(read(file));
    }
    return source.toString();
  }

  private static String arenaMacros(int arenas) {
    List<String> names = IntStream.range(0, arenas).mapToObj(k -> "arena" + k).toList();
    return "#define ARENAS "
        + arenas
        + "\n#define ARENA_PARAMETERS __global float* "
        + String.join(", __global float* ", names)
        + "\n#define ARENA_POINTERS {"
        + String.join(", ", names)
        + "}\n";
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
