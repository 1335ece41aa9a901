package io.shardfire.kernels.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.Span;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What the launchers say about operands that do not fit. */
class OperandsTest {
  private final DeviceMemory memory = ComputeContext.open(ComputeDevice.select("auto")).newMemory();
  private final Arena arena = memory.allocate("work", 10_000);
  private final CommandRecorder recorder = memory.record("test");

  private Span span(int offset, int length) {
    return arena.span(offset, length);
  }

  private static String failure(Executable launch) {
    return assertThrows(IllegalArgumentException.class, launch).getMessage();
  }

  private void multiply(
      MatMul.Matrix a, MatMul.Matrix b, MatMul.Matrix c, MatMul.Epilogue epilogue) {
    MatMul.record(recorder, MatMul.Layout.NN, a, b, c, 4, 5, 6, epilogue);
  }

  @Test
  void shouldCheckMatrices() {
    MatMul.Matrix a = new MatMul.Matrix(span(0, 24), 6);
    MatMul.Matrix b = new MatMul.Matrix(span(100, 30), 5);
    MatMul.Matrix c = new MatMul.Matrix(span(200, 20), 5);
    assertEquals(
        "MatMul.NN: a.stride must be at least 6: a.stride=5",
        failure(() -> multiply(new MatMul.Matrix(span(0, 24), 5), b, c, MatMul.Epilogue.NONE)));
    assertEquals(
        "MatMul.NN: b is too short: length=29, needed=30, arena=work, offset=100",
        failure(() -> multiply(a, new MatMul.Matrix(span(100, 29), 5), c, MatMul.Epilogue.NONE)));
    assertEquals(
        "MatMul.NN: a and c must not overlap: a=work[0..24), c=work[20..40)",
        failure(() -> multiply(a, b, new MatMul.Matrix(span(20, 20), 5), MatMul.Epilogue.NONE)));
    assertEquals(
        "MatMul.NN: accumulate cannot go with a residual: accumulate=true",
        failure(
            () ->
                multiply(
                    a,
                    b,
                    c,
                    new MatMul.Epilogue(null, new MatMul.Matrix(span(300, 20), 5), true))));
    assertEquals(
        "MatMul.TN: m must be at least 1: m=0",
        failure(
            () ->
                MatMul.record(recorder, MatMul.Layout.TN, a, b, c, 0, 5, 6, MatMul.Epilogue.NONE)));
  }

  @Test
  void shouldNotOverflowOnLargeSizes() {
    MatMul.Matrix small = new MatMul.Matrix(span(0, 100), 70_000);
    assertEquals(
        "MatMul.NN: a is too short: length=100, needed=4900000000, arena=work, offset=0",
        failure(
            () ->
                MatMul.record(
                    recorder,
                    MatMul.Layout.NN,
                    small,
                    small,
                    small,
                    70_000,
                    1,
                    70_000,
                    MatMul.Epilogue.NONE)));
    assertEquals(
        "LayerNorm.forward: x is too short: length=100, needed=10000000000, arena=work, offset=0",
        failure(
            () ->
                LayerNorm.forward(
                    recorder,
                    100_000,
                    100_000,
                    1e-5f,
                    span(0, 100),
                    span(0, 100),
                    span(0, 100),
                    span(0, 100),
                    span(0, 100))));
  }

  @Test
  void shouldCheckElementwiseLengths() {
    assertEquals(
        "Elementwise.copy: y must have the length of the others, 10: y=11",
        failure(() -> Elementwise.copy(recorder, span(0, 10), span(20, 11))));
    assertEquals(
        "Elementwise.add: a and out must be the same floats or not overlap: a=work[0..10),"
            + " out=work[5..15)",
        failure(() -> Elementwise.add(recorder, span(0, 10), span(20, 10), span(5, 10))));
    assertEquals(
        "Gelu.forward: y is missing", failure(() -> Gelu.forward(recorder, span(0, 10), null)));
    assertEquals(
        "SquareSum: length must be a multiple of 1024: length=1000",
        failure(() -> SquareSum.record(recorder, span(0, 1000), span(2000, 2))));
  }

  @Test
  void shouldCheckAttention() {
    assertEquals(
        "Attention.Shape: headSize must be from 8 to 256: headSize=7",
        failure(() -> new Attention.Shape(1, 2, 3, 7)));
    assertEquals(
        "Attention.Shape: time must be at least 1: time=0",
        failure(() -> new Attention.Shape(1, 0, 3, 16)));
    assertEquals(
        "Attention.forward: out is too short: length=15, needed=16, arena=work, offset=100",
        failure(
            () ->
                Attention.forward(
                    recorder,
                    new Attention.Shape(1, 2, 1, 8),
                    span(0, 48),
                    span(100, 15),
                    span(200, 2),
                    null)));
  }

  @Test
  void shouldCheckTheOthers() {
    assertEquals(
        "CrossEntropy.forward: stride must be at least 10: stride=9",
        failure(
            () ->
                CrossEntropy.forward(recorder, 2, 10, span(0, 20), 9, span(100, 2), span(200, 2))));
    assertEquals(
        "AdamW: gradients is too short: length=9, needed=10, arena=work, offset=20",
        failure(
            () ->
                AdamW.record(
                    recorder,
                    new AdamW.Group(0.9f, 0.99f, 1e-8f, 0f),
                    span(0, 10),
                    span(20, 9),
                    span(40, 10),
                    span(60, 10),
                    span(80, 4))));
    assertEquals(
        "ColumnSum: x is too short: length=10, needed=11, arena=work, offset=0",
        failure(() -> ColumnSum.record(recorder, 2, 5, span(0, 10), 6, span(20, 5), false)));
    assertEquals(
        "Embedding.forward: positions is too short: length=11, needed=12, arena=work, offset=200",
        failure(
            () ->
                Embedding.forward(
                    recorder, 6, 3, 4, span(0, 6), span(100, 40), span(200, 11), span(300, 24))));
  }
}
