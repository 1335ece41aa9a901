package io.shardfire.worker.nn;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatMul.Batch;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.kernels.ops.PackedOperand;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** C[m,n] = A B of k terms, in the precision of the pass. */
record MatrixProduct(Layout layout, int m, int n, int k) {
  /** The matrices, once they have their places. */
  record Matrices(Matrix a, Matrix b, Matrix c, Epilogue epilogue) {}

  /** The same but for a B that is a parameter. */
  record Others(Matrix a, Matrix c, Epilogue epilogue) {}

  /** Records the commands of a product; scratch memory may be null. */
  @FunctionalInterface
  private interface Commands {
    void record(CommandRecorder recorder, Spans spans, Span scratch);
  }

  /**
   * Appends a product whose B is a parameter.
   *
   * @param reads what else it reads
   */
  void emit(
      Recording r,
      String name,
      Parameter weight,
      List<Operand> reads,
      Operand target,
      Function<Spans, Others> others) {
    if (r.pass().packedWeights()) {
      emitPacked(r, name, weight, reads, target, others);
      return;
    }
    Precision precision = r.pass().precision();
    StoredParameter b = StoredParameter.of(r, weight);
    List<Operand> all = new ArrayList<>(reads);
    all.add(b.operand());
    emit(
        r,
        name,
        all,
        target,
        (recorder, spans, scratch) -> {
          Others of = others.apply(spans);
          MatMul.record(
              recorder,
              precision,
              layout,
              of.a(),
              b.in(spans),
              of.c(),
              m,
              n,
              k,
              of.epilogue(),
              scratch);
        });
  }

  private void emitPacked(
      Recording r,
      String name,
      Parameter weight,
      List<Operand> reads,
      Operand target,
      Function<Spans, Others> others) {
    int stride = layout == Layout.NT ? k : n;
    Value packed =
        r.prepared(
            weight,
            "packed " + layout,
            Math.toIntExact(PackedOperand.floats(n, k)),
            (recorder, of, value) ->
                PackedOperand.record(recorder, layout, new Matrix(of, stride), n, k, value));
    Value scratch = r.value("packed operand", 1, Math.toIntExact(MatMul.packedScratchFloats(m, k)));
    List<Operand> all = new ArrayList<>(reads);
    all.addAll(List.of(weight, packed));
    r.emit(
        name,
        all,
        List.of(target, scratch),
        (recorder, spans) -> {
          Others of = others.apply(spans);
          MatMul.recordPacked(
              recorder,
              layout,
              of.a(),
              new Matrix(spans.of(weight), stride),
              spans.of(packed),
              of.c(),
              m,
              n,
              k,
              of.epilogue(),
              spans.of(scratch));
        });
  }

  /** Appends the product of two matrices that are no parameters. */
  void emit(
      Recording r,
      String name,
      List<Operand> reads,
      Operand target,
      Function<Spans, Matrices> matrices) {
    Precision precision = r.pass().precision();
    emit(
        r,
        name,
        reads,
        target,
        (recorder, spans, scratch) -> {
          Matrices of = matrices.apply(spans);
          MatMul.record(
              recorder,
              precision,
              layout,
              of.a(),
              of.b(),
              of.c(),
              m,
              n,
              k,
              of.epilogue(),
              Batch.ONE,
              scratch);
        });
  }

  private void emit(
      Recording r, String name, List<Operand> reads, Operand target, Commands commands) {
    long floats = MatMul.scratchFloats(r.pass().precision(), m, n, k, Batch.ONE);
    Value scratch = floats == 0 ? null : r.value("packed operands", 1, Math.toIntExact(floats));
    List<Operand> writes = new ArrayList<>(List.of(target));
    if (scratch != null) {
      writes.add(scratch);
    }
    r.emit(
        name,
        reads,
        writes,
        (recorder, spans) ->
            commands.record(recorder, spans, scratch == null ? null : spans.of(scratch)));
  }
}
