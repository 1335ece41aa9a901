package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.Span;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What attention says about operands that do not fit. */
class FlashAttentionOperandsTest {
  private static final AttentionShape SHAPE = new AttentionShape(1, 2, 3, 2, 1, 8);
  private final DeviceMemory memory = ComputeContext.open(ComputeDevice.select("auto")).newMemory();
  private final Arena arena = memory.allocate("work", 10_000);
  private final CommandRecorder recorder = memory.record("test");

  private Span span(int offset, int length) {
    return arena.span(offset, length);
  }

  private MatMul.Matrix matrix(int offset, int length, int stride) {
    return new MatMul.Matrix(span(offset, length), stride);
  }

  private static String failure(Executable action) {
    return assertThrows(IllegalArgumentException.class, action).getMessage();
  }

  private void forward(MatMul.Matrix q, MatMul.Matrix out) {
    FlashAttention.forward(
        recorder,
        AttentionOptions.of(SHAPE, AttentionMask.CAUSAL),
        new FlashAttention.Inputs(q, matrix(100, 24, 8), matrix(200, 24, 8)),
        new FlashAttention.Outputs(out, span(400, 4)));
  }

  @Test
  void shouldCheckTheSizes() {
    assertEquals(
        "AttentionShape: kvHeads must divide heads=6: kvHeads=4",
        failure(() -> new AttentionShape(1, 2, 3, 6, 4, 8)));
    assertEquals(
        "AttentionShape: headSize must be from 8 to 256: headSize=264",
        failure(() -> AttentionShape.self(1, 2, 3, 264)));
    assertEquals(
        "AttentionShape: queries must be at least 1: queries=0",
        failure(() -> AttentionShape.self(1, 0, 3, 8)));
    assertEquals(
        "AttentionMask: window must be at least 1: window=0",
        failure(() -> AttentionMask.CAUSAL.withWindow(0)));
    assertEquals(
        "AttentionOptions: scale must be positive: scale=0.0",
        failure(() -> AttentionOptions.of(SHAPE, AttentionMask.FULL).withScale(0)));
    assertEquals(
        "AttentionOptions: distanceBias is too short: length=7, needed=8, arena=work, offset=0",
        failure(() -> AttentionOptions.of(SHAPE, AttentionMask.FULL).withDistanceBias(span(0, 7))));
  }

  @Test
  void shouldCheckTheMatrices() {
    assertEquals(
        "FlashAttention.forward: q.stride must be at least 16: q.stride=15",
        failure(() -> forward(matrix(0, 40, 15), matrix(300, 40, 16))));
    assertEquals(
        "FlashAttention.forward: q is too short: length=31, needed=32, arena=work, offset=0",
        failure(() -> forward(matrix(0, 31, 16), matrix(300, 40, 16))));
    assertEquals(
        "FlashAttention.forward: out must not share floats with v=work[200..224):"
            + " out=work[190..230)",
        failure(() -> forward(matrix(0, 32, 16), matrix(190, 40, 16))));
    assertEquals(
        "FlashAttention.forward: q is missing", failure(() -> forward(null, matrix(0, 32, 16))));
  }

  @Test
  void shouldAcceptBandsOfOneMatrix() {
    AttentionShape shape = AttentionShape.self(2, 3, 2, 8);
    FlashAttention.Inputs inputs = FlashAttention.Inputs.packed(shape, span(0, 6 * 48));
    FlashAttention.Inputs gradients = FlashAttention.Inputs.packed(shape, span(500, 6 * 48));
    FlashAttention.Outputs outputs =
        new FlashAttention.Outputs(matrix(1000, 96, 16), span(1200, 12));
    AttentionOptions options = AttentionOptions.of(shape, AttentionMask.CAUSAL);
    FlashAttention.backward(
        recorder, options, inputs, outputs, matrix(1300, 96, 16), gradients, null);
    assertEquals(
        "FlashAttention.backward: gradients.v must not share floats with gradients.k="
            + "work[516..788): gradients.v=work[524..788)",
        failure(
            () ->
                FlashAttention.backward(
                    recorder,
                    options,
                    inputs,
                    outputs,
                    matrix(1300, 96, 16),
                    new FlashAttention.Inputs(gradients.q(), gradients.k(), matrix(524, 264, 48)),
                    null)));
  }

  @Test
  void shouldWriteDocuments() {
    Span first = span(0, 6);
    Span end = span(10, 6);
    AttentionMask.writeDocuments(new int[] {2, 0, 3}, first, end);
    assertArrayEquals(new float[] {0, 0, 2, 2, 2, 0}, Arrays.copyOfRange(arena.array(), 0, 6));
    assertArrayEquals(new float[] {2, 2, 5, 5, 5, 0}, Arrays.copyOfRange(arena.array(), 10, 16));
    assertEquals(
        "AttentionMask.writeDocuments: sum of documentLengths must fit into the row of 6:"
            + " sum of documentLengths=7",
        failure(() -> AttentionMask.writeDocuments(new int[] {2, 5}, first, end)));
  }
}
