package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatMul.Batch;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.worker.program.Operand;
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
