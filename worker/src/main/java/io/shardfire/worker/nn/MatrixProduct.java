package io.shardfire.worker.nn;

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

  /**
   * Appends a product whose B is a parameter.
   *
   * @param reads B among them
   */
  void emit(
      Recording r,
      String name,
      Parameter weight,
      List<Operand> reads,
      Operand target,
      Function<Spans, Matrices> matrices) {
    if (!r.pass().packedWeights()) {
      emit(r, name, reads, target, matrices);
      return;
    }
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
    all.add(packed);
    r.emit(
        name,
        all,
        List.of(target, scratch),
        (recorder, spans) -> {
          Matrices of = matrices.apply(spans);
          MatMul.recordPacked(
              recorder,
              layout,
              of.a(),
              of.b(),
              spans.of(packed),
              of.c(),
              m,
              n,
              k,
              of.epilogue(),
              spans.of(scratch));
        });
  }

  /** Appends the product. */
  void emit(
      Recording r,
      String name,
      List<Operand> reads,
      Operand target,
      Function<Spans, Matrices> matrices) {
    Precision precision = r.pass().precision();
    long scratchFloats = MatMul.scratchFloats(precision, m, n, k, Batch.ONE);
    Value scratch =
        scratchFloats == 0 ? null : r.value("packed operands", 1, Math.toIntExact(scratchFloats));
    List<Operand> writes = new ArrayList<>(List.of(target));
    if (scratch != null) {
      writes.add(scratch);
    }
    r.emit(
        name,
        reads,
        writes,
        (recorder, spans) -> {
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
              scratch == null ? null : spans.of(scratch));
        });
  }
}
