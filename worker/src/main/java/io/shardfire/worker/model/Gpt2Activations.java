package io.shardfire.worker.model;

import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.ops.Dropout;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a forward and backward pass keeps its inputs, activations and scratch. Pure arithmetic: the
 * same code plans memory and allocates it.
 *
 * <pre>
 * B micro-batch, T time, M = B*T rows, D width, H heads, S logits stride, C logits rows at a time
 *
 * per layer   input [M,D]  norm1 [M,D]  stats1 [M,2]  qkv [M,3D]   attention [M,D]
 *             logSumExp [B,H,T]  middle [M,D]  norm2 [M,D]  stats2 [M,2]  hidden [M,4D]  activated [M,4D]
 * once        output [M,D]  norm [M,D]  stats [M,2]  logits [C,S]  losses [M]
 * scratch     gradStream [M,D]  gradNorm [M,D]  gradQkv [M,3D]  gradAttention [M,D]  gradHidden [M,4D]
 *             branch [M,D]                          (only with dropout)
 * </pre>
 *
 * @param batch B
 * @param time T, at most the model's context
 * @param logitsRows C: the logits of all rows together may be the largest tensor by far, so they
 *     are computed for some rows at a time
 * @param logitsStride S: vocabulary size rounded up to a multiple of 16
 * @param ids token ids [M], as whole-number floats
 * @param targets ids to predict [M]
 * @param dropoutKey key of the pass's dropout masks
 */
public record Gpt2Activations(
    int batch,
    int time,
    int logitsRows,
    int logitsStride,
    Slot ids,
    Slot targets,
    Slot losses,
    Slot dropoutKey,
    List<Layer> layers,
    Slot output,
    Slot norm,
    Slot stats,
    Slot logits,
    Slot gradStream,
    Slot gradNorm,
    Slot gradQkv,
    Slot gradAttention,
    Slot gradHidden,
    Slot branch) {
  /** Most floats of logits held at once. */
  private static final long LOGITS_FLOATS = 1 << 25;

  private static final int STRIDE_MULTIPLE = 16;

  /** What one transformer block keeps for its backward pass. */
  public record Layer(
      Slot input,
      Slot norm1,
      Slot stats1,
      Slot qkv,
      Slot attention,
      Slot logSumExp,
      Slot middle,
      Slot norm2,
      Slot stats2,
      Slot hidden,
      Slot activated) {}

  /** Copies. */
  public Gpt2Activations {
    layers = List.copyOf(layers);
  }

  /**
   * Plans a pass over {@code batch} sequences of {@code time} tokens.
   *
   * @throws IllegalArgumentException when time is above the context
   */
  public static Gpt2Activations plan(
      OffsetAllocator allocator, Gpt2Configuration model, int batch, int time) {
    if (batch < 1 || time < 1 || time > model.context()) {
      throw new IllegalArgumentException(
          "A pass needs at least one sequence, and at most context tokens in each: batch="
              + batch
              + ", time="
              + time
              + ", context="
              + model.context());
    }
    Planner planner = new Planner(allocator, (long) batch * time);
    int width = model.width();
    Slot ids = planner.rows("ids", 1);
    Slot targets = planner.rows("targets", 1);
    Slot losses = planner.rows("losses", 1);
    Slot key = Slot.of(allocator, "dropout key", Dropout.KEY_FLOATS);
    List<Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < model.layers(); layer++) {
      layers.add(planner.layer("block-" + layer, width, model.heads()));
    }
    int stride = (model.vocabularySize() + STRIDE_MULTIPLE - 1) / STRIDE_MULTIPLE * STRIDE_MULTIPLE;
    int logitsRows = logitsRows(planner.rows, stride);
    return new Gpt2Activations(
        batch,
        time,
        logitsRows,
        stride,
        ids,
        targets,
        losses,
        key,
        layers,
        planner.rows("last block output", width),
        planner.rows("ln_f output", width),
        planner.rows("ln_f statistics", 2),
        Slot.of(allocator, "logits", (long) logitsRows * stride),
        planner.rows("stream gradient", width),
        planner.rows("normalised gradient", width),
        planner.rows("qkv gradient", 3 * width),
        planner.rows("attention gradient", width),
        planner.rows("hidden gradient", 4 * width),
        planner.rows("branch", model.dropout() > 0 ? width : 0));
  }

  /** Rows of equal parts whose logits fit. */
  private static int logitsRows(long rows, int stride) {
    long most = Math.max(1, LOGITS_FLOATS / stride);
    long parts = (rows + most - 1) / most;
    return (int) ((rows + parts - 1) / parts);
  }

  /** M: rows of most activations. */
  public int rows() {
    return batch * time;
  }

  /** What block {@code layer} writes: the next block's input. */
  public Slot blockOutput(int layer) {
    return layer + 1 < layers.size() ? layers.get(layer + 1).input() : output;
  }

  private record Planner(OffsetAllocator allocator, long rows) {
    Slot rows(String name, int width) {
      return Slot.of(allocator, name, rows * width);
    }

    Layer layer(String name, int width, int heads) {
      return new Layer(
          rows(name + " input", width),
          rows(name + " ln_1 output", width),
          rows(name + " ln_1 statistics", 2),
          rows(name + " qkv", 3 * width),
          rows(name + " attention output", width),
          rows(name + " attention logSumExp", heads),
          rows(name + " middle", width),
          rows(name + " ln_2 output", width),
          rows(name + " ln_2 statistics", 2),
          rows(name + " mlp hidden", 4 * width),
          rows(name + " mlp activated", 4 * width));
    }
  }
}
