package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/** Matrix products, row-major. Any m, n, k ≥ 1. */
public final class MatMul {
  private static final int STRIP_ROWS = 6;

  /** Rows of C whose columns of A are copied at a time: {@code MATMUL_TN_ROWS} in the kernels. */
  private static final int TN_ROWS = 48;

  /** Side of the larger tiles of the GPU forms: {@code gpu/matmul/side_128.cl}. */
  private static final int GPU_TILE = 128;

  /** Panels of two vectors of 16 floats are multiplied in pairs. */
  private static final int PAIRED_PANEL_COLUMNS = 32;

  private MatMul() {}

  /** Which operand is transposed: N as stored, T transposed. */
  public enum Layout {
    /** C[m,n] = A[m,k] B[k,n]. */
    NN,
    /** C[m,n] = A[m,k] B[n,k]ᵀ. */
    NT,
    /** C[m,n] = A[k,m]ᵀ B[k,n]. */
    TN
  }

  /** Rows of a matrix lie {@code stride} floats apart, from the start of the span. */
  public record Matrix(Span span, int stride) {}

  /**
   * What becomes of the product: with Z = A B + bias, plus the old C where {@code accumulate} is
   * set, C = f(Z) + residual. Null members are left out.
   *
   * @param bias [n]
   * @param residual [m, n]; not together with {@code accumulate}. It may be C, unless an activation
   *     is set
   * @param accumulate whether the old C is part of Z: a product over several pieces of k
   * @param activation f
   * @param preActivation [m, n], where Z is stored for {@link Activation#backward}; needs an
   *     activation and shares floats with no other operand
   */
  public record Epilogue(
      Span bias,
      Matrix residual,
      boolean accumulate,
      Activation.Function activation,
      Matrix preActivation) {
    /** C = A B. */
    public static final Epilogue NONE = new Epilogue(null, null, false);

    /** C += A B. */
    public static final Epilogue ACCUMULATE = new Epilogue(null, null, true);

    /** Without activation. */
    public Epilogue(Span bias, Matrix residual, boolean accumulate) {
      this(bias, residual, accumulate, null, null);
    }

    /** C = A B + bias, bias[n]. */
    public static Epilogue bias(Span bias) {
      return new Epilogue(bias, null, false);
    }

    /** With f(Z) in place of Z. */
    public Epilogue withActivation(Activation.Function function) {
      return new Epilogue(bias, residual, accumulate, function, preActivation);
    }

    /** With Z stored. */
    public Epilogue withPreActivation(Matrix z) {
      return new Epilogue(bias, residual, accumulate, activation, z);
    }
  }

  /**
   * How many products there are and how far apart their operands begin, in floats. What is read may
   * be shared between products: a stride of 0 uses one matrix for all. The matrices of C must not;
   * they may be column bands of one matrix, such as the heads of attention. The same goes for those
   * of the pre-activation.
   */
  public record Batch(
      int count,
      int aStride,
      int bStride,
      int cStride,
      int biasStride,
      int residualStride,
      int preActivationStride) {
    /** One product. */
    public static final Batch ONE = new Batch(1, 0, 0, 0);

    /** Checks the count and the strides of what is read. */
    public Batch {
      new Operands("MatMul.Batch")
          .positive("count", count)
          .atLeast("aStride", aStride, 0)
          .atLeast("bStride", bStride, 0)
          .atLeast("cStride", cStride, 0)
          .atLeast("biasStride", biasStride, 0)
          .atLeast("residualStride", residualStride, 0)
          .atLeast("preActivationStride", preActivationStride, 0);
    }

    /** One bias for all; residuals and pre-activations as far apart as the matrices of C. */
    public Batch(int count, int aStride, int bStride, int cStride) {
      this(count, aStride, bStride, cStride, 0, cStride, cStride);
    }

    /** Matrices of A: one where all products share it. */
    int aMatrices() {
      return aStride == 0 ? 1 : count;
    }

    /** Matrices of B: one where all products share it. */
    int bMatrices() {
      return bStride == 0 ? 1 : count;
    }

    /** With matrices of A and of B other floats apart. */
    Batch withOperandStrides(int a, int b) {
      return new Batch(count, a, b, cStride, biasStride, residualStride, preActivationStride);
    }

    /** With a bias per product. */
    public Batch withBiasStride(int stride) {
      return new Batch(
          count, aStride, bStride, cStride, stride, residualStride, preActivationStride);
    }

    /** With residuals elsewhere than where C would have them; 0 adds one residual to all. */
    public Batch withResidualStride(int stride) {
      return new Batch(count, aStride, bStride, cStride, biasStride, stride, preActivationStride);
    }

    /** With pre-activations elsewhere than where C would have them. */
    public Batch withPreActivationStride(int stride) {
      return new Batch(count, aStride, bStride, cStride, biasStride, residualStride, stride);
    }
  }

  /** Records the product. */
  public static void record(
      CommandRecorder recorder,
      Layout layout,
      Matrix a,
      Matrix b,
      Matrix c,
      int m,
      int n,
      int k,
      Epilogue epilogue) {
    record(recorder, layout, a, b, c, m, n, k, epilogue, Batch.ONE);
  }

  /** Records a batch of products. */
  public static void record(
      CommandRecorder recorder,
      Layout layout,
      Matrix a,
      Matrix b,
      Matrix c,
      int m,
      int n,
      int k,
      Epilogue epilogue,
      Batch batch) {
    record(recorder, Precision.FP32, layout, a, b, c, m, n, k, epilogue, batch, null);
  }

  /**
   * Records a batch of products of a precision.
   *
   * @param scratch where BF16 packs its operands and FP16 rounds them, {@link #scratchFloats} long;
   *     FP32 needs none. Products that share it run one after the other
   */
  public static void record(
      CommandRecorder recorder,
      Precision precision,
      Layout layout,
      Matrix a,
      Matrix b,
      Matrix c,
      int m,
      int n,
      int k,
      Epilogue epilogue,
      Batch batch,
      Span scratch) {
    record(recorder, precision, product(layout, a, b, c, m, n, k, epilogue, batch), scratch);
  }

  /**
   * Records a product of a precision that reads B as it is stored, to the bits of a product of the
   * floats that {@link HalfPrecision#unpack} would make of it.
   *
   * @param layout NN or NT
   * @param b [k, n], or [n, k] for NT
   * @param scratch {@link #scratchFloats} long; FP32 needs none. Products that share it run one
   *     after the other
   */
  public static void record(
      CommandRecorder recorder,
      Precision precision,
      Layout layout,
      Matrix a,
      StoredMatrix b,
      Matrix c,
      int m,
      int n,
      int k,
      Epilogue epilogue,
      Span scratch) {
    Product product =
        new Product(
            name(layout),
            layout,
            a,
            new Matrix(b.whole(), b.columns()),
            c,
            m,
            n,
            k,
            epilogue,
            Batch.ONE,
            b.halved());
    new Operands(product.name())
        .require(b.rows() == product.bRows(), "must be " + product.bRows(), "b.rows", b.rows())
        .require(
            b.columns() == product.bColumns(),
            "must be " + product.bColumns(),
            "b.columns",
            b.columns());
    record(recorder, precision, product, scratch);
  }

  private static void record(
      CommandRecorder recorder, Precision precision, Product product, Span scratch) {
    if (precision == Precision.FP32) {
      product.check();
      add(recorder, product, precision);
      return;
    }
    product.check(
        scratch, scratchFloats(precision, product.m(), product.n(), product.k(), product.batch()));
    if (recorder.form() == KernelForm.GPU) {
      add(recorder, product, precision);
    } else if (precision == Precision.BF16) {
      Bf16MatMul.add(recorder, product, scratch);
    } else {
      add(recorder, Fp16Operands.record(recorder, product, scratch), Precision.FP32);
    }
  }

  /**
   * Records a product in bf16 whose B was packed.
   *
   * @param b as it is stored, which devices read that pack nothing
   * @param packedB what {@link PackedOperand} made of it for this layout
   * @param scratch where A is packed, {@link #packedScratchFloats} long
   */
  public static void recordPacked(
      CommandRecorder recorder,
      Layout layout,
      Matrix a,
      Matrix b,
      Span packedB,
      Matrix c,
      int m,
      int n,
      int k,
      Epilogue epilogue,
      Span scratch) {
    Product product = product(layout, a, b, c, m, n, k, epilogue, Batch.ONE);
    product.check(scratch, packedScratchFloats(m, k));
    long floats = PackedOperand.floats(n, k);
    new Operands(product.name())
        .holds("packedB", packedB, floats)
        .disjoint("packedB", packedB, "c", c.span())
        .disjoint("packedB", packedB, "scratch", scratch);
    if (recorder.form() == KernelForm.GPU) {
      add(recorder, product, Precision.BF16);
    } else {
      Bf16MatMul.add(recorder, product, packedB.slice(0, (int) floats), scratch);
    }
  }

  /** Floats of scratch memory of a product whose B was packed. */
  public static long packedScratchFloats(int m, int k) {
    return Bf16Operand.floats(m, k, 1);
  }

  /** Floats of scratch memory that a batch of products of a precision needs. */
  public static long scratchFloats(Precision precision, int m, int n, int k, Batch batch) {
    return switch (precision) {
      case FP32 -> 0;
      case BF16 -> Bf16MatMul.scratchFloats(m, n, k, batch);
      case FP16 -> Fp16Operands.scratchFloats(m, n, k, batch);
    };
  }

  private static Product product(
      Layout layout,
      Matrix a,
      Matrix b,
      Matrix c,
      int m,
      int n,
      int k,
      Epilogue epilogue,
      Batch batch) {
    return new Product(name(layout), layout, a, b, c, m, n, k, epilogue, batch);
  }

  private static String name(Layout layout) {
    return "MatMul." + layout;
  }

  /** Records a product that was checked. */
  private static void add(CommandRecorder recorder, Product product, Precision precision) {
    Layout layout = product.layout();
    int m = product.m();
    int n = product.n();
    Batch batch = product.batch();
    if (precision == Precision.FP32
        && layout == Layout.NN
        && m <= recorder.tuned(Tunable.MATMUL_STREAMED_ROWS)
        && batch.count() == 1
        && !product.halvedB()) {
      MatVec.add(recorder, product);
      return;
    }
    int tileColumns = tileColumns(recorder, layout);
    int tileRows = tileRows(recorder, product, tileColumns);
    long tiles = Operands.tiles(n, tileColumns) * Operands.tiles(m, tileRows);
    Command command =
        Command.of(opcode(recorder, product), Math.multiplyExact(tiles, batch.count()));
    recorder.add(
        product
            .append(command)
            .integer(tileRows)
            .integer((int) tiles)
            .integer(batch.aStride())
            .integer(batch.bStride())
            .integer(batch.cStride())
            .integer(batch.biasStride())
            .integer(batch.residualStride())
            .integer(batch.preActivationStride())
            .integer(batch.count())
            .integer(precision.rounding())
            .flag(product.halvedB()));
  }

  private static Opcode opcode(CommandRecorder recorder, Product product) {
    boolean small =
        recorder.form() == KernelForm.GPU && largeTiles(product) < recorder.computeUnits();
    return switch (product.layout()) {
      case NN -> small ? Opcode.MATMUL_NN_SMALL : Opcode.MATMUL_NN;
      case NT -> small ? Opcode.MATMUL_NT_SMALL : Opcode.MATMUL_NT;
      case TN -> small ? Opcode.MATMUL_TN_SMALL : Opcode.MATMUL_TN;
    };
  }

  /** The larger tiles that the GPU forms could make of a product; the choice changes no bits. */
  private static long largeTiles(Product product) {
    return Operands.tiles(product.m(), GPU_TILE)
        * Operands.tiles(product.n(), GPU_TILE)
        * product.batch().count();
  }

  /**
   * Columns of a tile: {@code MATMUL_COLUMNS} in the kernels, whole pairs of panels where strips
   * span pairs, and {@code MATMUL_TN_COLUMNS} for TN.
   */
  private static int tileColumns(CommandRecorder recorder, Layout layout) {
    int panels = recorder.tuned(Tunable.MATMUL_TILE_PANELS);
    boolean pairs = recorder.panelColumns() == PAIRED_PANEL_COLUMNS;
    int columns = (pairs ? (panels + 1) / 2 * 2 : panels) * recorder.panelColumns();
    return layout == Layout.TN ? 2 * columns : columns;
  }

  private static int tileRows(CommandRecorder recorder, Product product, int tileColumns) {
    int smallest = recorder.tuned(Tunable.MATMUL_SMALLEST_TILE_ROWS);
    int largest = recorder.tuned(Tunable.MATMUL_LARGEST_TILE_ROWS);
    int step = STRIP_ROWS;
    if (product.layout() == Layout.TN) {
      // Whole copies of columns of A, which begin on cache lines.
      step = TN_ROWS;
      largest = largest / step * step;
    }
    TileRows rows =
        new TileRows(
            product.m(),
            product.n(),
            product.batch().count(),
            tileColumns,
            recorder.computeUnits(),
            step);
    return rows.best(smallest, largest);
  }
}
