package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.ColumnSum;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatVec;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.reference.ActivationReference;
import io.shardfire.kernels.reference.Bf16ProductOrder;
import io.shardfire.kernels.reference.HalfPrecisionReference;
import io.shardfire.kernels.reference.MatMulReference;
import io.shardfire.kernels.reference.MatMulReference.Finished;
import io.shardfire.kernels.reference.ReductionReference;
import java.util.Arrays;
import java.util.StringJoiner;

/**
 * Compares products and what they are fused with to the reference, for any sizes. Each check clears
 * the bench first.
 */
public final class FusedProductChecks {
  /** Besides the roundings of the sum: those of the activation, as {@link ActivationChecks}. */
  private static final double ROUNDINGS = 28;

  /** No activation is steeper: the error of its argument grows by this much. */
  private static final double STEEPEST = 1.13;

  private final Workbench bench;
  private final Precision precision;

  /** Checks on the given bench. */
  public FusedProductChecks(Workbench bench) {
    this(bench, Precision.FP32);
  }

  /** Checks of products of a precision; those that are streamed are FP32. */
  public FusedProductChecks(Workbench bench, Precision precision) {
    this.bench = bench;
    this.precision = precision;
  }

  /** Products of a batch, their sizes, and by how much their rows are longer than their columns. */
  public record Size(int count, int m, int n, int k, int padding) {
    @Override
    public String toString() {
      return (count == 1 ? "" : "batch=" + count + " ") + m + "x" + n + "x" + k;
    }
  }

  /** What a product is fused with; {@code function} may be null. */
  public record Variant(
      Activation.Function function,
      boolean bias,
      boolean residual,
      boolean accumulate,
      boolean stored) {
    /** Bias, activation and residual, with the pre-activation stored. */
    public static Variant of(Activation.Function function) {
      return new Variant(function, true, true, false, true);
    }

    /** What is there, such as {@code GELU+bias+residual}. */
    @Override
    public String toString() {
      StringJoiner parts = new StringJoiner("+");
      if (function != null) {
        parts.add(function.toString());
      }
      if (bias) {
        parts.add("bias");
      }
      if (residual) {
        parts.add("residual");
      }
      if (accumulate) {
        parts.add("accumulate");
      }
      return parts + (stored ? ", stored" : "");
    }
  }

  /**
   * A batch whose products have operands of their own; their C lie behind each other or, {@code
   * banded}, beside each other as bands of columns.
   */
  public CheckResult product(MatMul.Layout layout, Size size, Variant variant, boolean banded) {
    return check(layout, size, variant, banded, false);
  }

  /** One product by {@link MatVec}. */
  public CheckResult streamed(MatMul.Layout layout, Size size, Variant variant) {
    return check(layout, size, variant, false, true);
  }

  private CheckResult check(
      MatMul.Layout layout, Size size, Variant variant, boolean banded, boolean streamed) {
    bench.clear();
    int count = size.count();
    int m = size.m();
    int n = size.n();
    int k = size.k();
    double[] a = bench.values(count * m * k);
    double[] b = bench.values(count * k * n);
    double[] bias = bench.values(count * n);
    double[] added = bench.values(count * m * n);
    boolean transposedA = layout == MatMul.Layout.TN;
    boolean transposedB = layout == MatMul.Layout.NT;
    MatMul.Matrix as = matrix(a, transposedA ? m : k, size.padding());
    MatMul.Matrix bs = matrix(b, transposedB ? k : n, size.padding() + 1);
    MatMul.Matrix biases = matrix(bias, n, size.padding());
    MatMul.Matrix addends = matrix(added, n, size.padding() + 2);
    int width = banded ? count * n : n;
    double[] old = variant.accumulate() ? added : new double[added.length];
    MatMul.Matrix c = matrix(banded ? beside(old, size) : old, width, size.padding());
    MatMul.Matrix z = matrix(new double[added.length], n, size.padding() + 3);
    MatMul.Epilogue epilogue =
        new MatMul.Epilogue(
            variant.bias() ? biases.span() : null,
            variant.residual() ? addends : null,
            variant.accumulate(),
            variant.function(),
            variant.stored() ? z : null);
    MatMul.Batch batch =
        new MatMul.Batch(
                count,
                (transposedA ? k : m) * as.stride(),
                (transposedB ? n : k) * bs.stride(),
                banded ? n : m * c.stride())
            .withBiasStride(biases.stride())
            .withResidualStride(m * addends.stride())
            .withPreActivationStride(m * z.stride());
    long scratchFloats = MatMul.scratchFloats(precision, m, n, k, batch);
    Span scratch = scratchFloats == 0 ? null : bench.output((int) scratchFloats);
    bench.run(
        recorder -> {
          if (streamed) {
            MatVec.record(recorder, layout, as, bs, c, m, n, k, epilogue);
          } else {
            MatMul.record(
                recorder, precision, layout, as, bs, c, m, n, k, epilogue, batch, scratch);
          }
        });
    double[] roundedA = rounded(a);
    double[] roundedB = rounded(b);

    double[] expectedZ = new double[added.length];
    double[] expectedC = new double[added.length];
    for (int item = 0; item < count; item++) {
      double[] product =
          MatMulChecks.multiply(
              layout, part(roundedA, item, m * k), part(roundedB, item, k * n), m, n, k);
      double[] addend = part(added, item, m * n);
      if (variant.accumulate()) {
        Arrays.setAll(product, i -> product[i] + addend[i]);
      }
      Finished one =
          MatMulReference.finish(
              product,
              variant.bias() ? part(bias, item, n) : null,
              reference(variant.function()),
              variant.residual() ? addend : null);
      System.arraycopy(one.z(), 0, expectedZ, item * m * n, m * n);
      System.arraycopy(one.c(), 0, expectedC, item * m * n, m * n);
    }
    Comparison comparison =
        new Comparison(bench)
            .output(
                bench.read(c.span(), width, c.stride()),
                banded ? beside(expectedC, size) : expectedC,
                largest(expectedZ));
    if (variant.stored()) {
      comparison.output(bench.read(z.span(), n, z.stride()), expectedZ);
    }
    return comparison.within(
        (streamed ? "MatVec." : "MatMul.")
            + layout
            + (precision == Precision.FP32 ? " " : " " + precision + " ")
            + variant
            + " "
            + size,
        ROUNDINGS + STEEPEST * Math.sqrt(k));
  }

  private double[] rounded(double[] values) {
    return switch (precision) {
      case FP32 -> values;
      case BF16 ->
          Arrays.stream(values).map(value -> Bf16ProductOrder.round((float) value)).toArray();
      case FP16 ->
          Arrays.stream(values)
              .map(value -> HalfPrecisionReference.FP16.round((float) value))
              .toArray();
    };
  }

  /** Forward C = f(A B + bias), then the gradients of A, B and the bias from the stored Z. */
  public CheckResult gradients(Activation.Function function, int m, int n, int k) {
    bench.clear();
    double[] a = bench.values(m * k);
    double[] b = bench.values(k * n);
    double[] dc = bench.values(m * n);
    MatMul.Matrix as = matrix(a, k, 0);
    MatMul.Matrix bs = matrix(b, n, 0);
    Span bias = bench.input(bench.values(n));
    Span upstream = bench.input(dc);
    MatMul.Matrix c = matrix(new double[m * n], n, 0);
    MatMul.Matrix z = matrix(new double[m * n], n, 0);
    MatMul.Matrix dz = matrix(new double[m * n], n, 0);
    MatMul.Matrix da = matrix(new double[m * k], k, 0);
    MatMul.Matrix db = matrix(new double[k * n], n, 0);
    Span dbias = bench.output(n);
    MatMul.Epilogue epilogue =
        MatMul.Epilogue.bias(bias).withActivation(function).withPreActivation(z);
    MatMul.Epilogue none = MatMul.Epilogue.NONE;
    bench.run(
        recorder -> {
          MatMul.record(recorder, MatMul.Layout.NN, as, bs, c, m, n, k, epilogue);
          Activation.backward(recorder, function, z.span(), upstream, dz.span());
          MatMul.record(recorder, MatMul.Layout.NT, dz, bs, da, m, k, n, none);
          MatMul.record(recorder, MatMul.Layout.TN, as, dz, db, k, n, m, none);
          ColumnSum.record(recorder, m, n, dz.span(), n, dbias, false);
        });
    // The slope of a ReLU jumps: it must be taken at the very Z that the device stored.
    double[] slope = reference(function).backward(bench.read(z.span()), dc);
    return new Comparison(bench)
        .output(da.span(), MatMulReference.nt(slope, b, m, k, n))
        .output(db.span(), MatMulReference.tn(a, slope, k, n, m))
        .output(dbias, ReductionReference.columnSum(slope, m, n))
        .within(
            "MatMul fused gradients " + function + " " + m + "x" + n + "x" + k,
            ROUNDINGS + Math.sqrt(Math.max(m, n)));
  }

  private MatMul.Matrix matrix(double[] values, int columns, int padding) {
    int stride = columns + padding;
    return new MatMul.Matrix(bench.matrix(values, columns, stride), stride);
  }

  private static ActivationReference reference(Activation.Function function) {
    return function == null ? null : ActivationReference.valueOf(function.name());
  }

  private static double[] part(double[] values, int item, int length) {
    return Arrays.copyOfRange(values, item * length, (item + 1) * length);
  }

  /** Matrices [count, m, n] as column bands, [m, count, n]. */
  private static double[] beside(double[] values, Size size) {
    int n = size.n();
    double[] bands = new double[values.length];
    for (int item = 0; item < size.count(); item++) {
      for (int row = 0; row < size.m(); row++) {
        int from = (item * size.m() + row) * n;
        System.arraycopy(values, from, bands, (row * size.count() + item) * n, n);
      }
    }
    return bands;
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).map(Math::abs).reduce(Comparison.SMALLEST_SCALE, Math::max);
  }
}
