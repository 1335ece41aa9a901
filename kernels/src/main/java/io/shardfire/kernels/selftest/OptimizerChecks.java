package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Adafactor;
import io.shardfire.kernels.ops.Lion;
import io.shardfire.kernels.ops.Sgd;
import io.shardfire.kernels.reference.OptimizerReference;
import java.util.Arrays;

/**
 * Compares SGD, Lion and Adafactor with the reference over two steps, for any sizes. Each check
 * clears the bench first. Constants are exact as floats.
 */
public final class OptimizerChecks {
  private static final float LEARNING_RATE = 0x1p-6f;
  private static final float GRADIENT_SCALE = 0.5f;
  private static final float WEIGHT_DECAY = 0.125f;
  private static final int STEPS = 2;

  private final Workbench bench;

  /** Checks on the given bench. */
  public OptimizerChecks(Workbench bench) {
    this.bench = bench;
  }

  /** Without momentum where it is 0. */
  public CheckResult sgd(int length, float momentum, boolean nesterov) {
    bench.clear();
    double[] p = bench.values(length);
    double[] g = bench.values(length);
    double[] v = momentum == 0 ? null : bench.values(length);
    Span ps = bench.input(p);
    Span gs = bench.input(g);
    Span vs = v == null ? null : bench.input(v);
    Span step = bench.input(LEARNING_RATE, GRADIENT_SCALE);
    Sgd.Group group = new Sgd.Group(momentum, WEIGHT_DECAY, nesterov);
    bench.run(
        recorder -> {
          for (int i = 0; i < STEPS; i++) {
            Sgd.record(recorder, group, ps, gs, vs, step);
          }
        });
    for (int i = 0; i < STEPS; i++) {
      OptimizerReference.sgd(
          p, g, v, LEARNING_RATE, GRADIENT_SCALE, momentum, WEIGHT_DECAY, nesterov);
    }
    Comparison comparison = new Comparison(bench).output(ps, p);
    if (v != null) {
      comparison.output(vs, v);
    }
    return comparison.within("Sgd length=" + length + " momentum=" + group.momentum(), 8);
  }

  /** Two steps of Lion. */
  public CheckResult lion(int length) {
    bench.clear();
    double[] p = bench.values(length);
    double[] g = bench.values(length);
    double[] m = bench.values(length);
    Span ps = bench.input(p);
    Span gs = bench.input(g);
    Span ms = bench.input(m);
    Span step = bench.input(LEARNING_RATE, GRADIENT_SCALE);
    Lion.Group group = new Lion.Group(0.875f, 0.9375f, WEIGHT_DECAY);
    bench.run(
        recorder -> {
          for (int i = 0; i < STEPS; i++) {
            Lion.record(recorder, group, ps, gs, ms, step);
          }
        });
    for (int i = 0; i < STEPS; i++) {
      OptimizerReference.lion(p, g, m, LEARNING_RATE, GRADIENT_SCALE, 0.875, 0.9375, WEIGHT_DECAY);
    }
    return new Comparison(bench).output(ps, p).output(ms, m).within("Lion length=" + length, 8);
  }

  /** Two steps of Adafactor that clip where the threshold is small. */
  public CheckResult adafactor(int rows, int columns, float clipThreshold, boolean scaled) {
    bench.clear();
    double[] p = bench.values(rows * columns);
    double[] g = bench.values(rows * columns);
    double[] rowMoment = magnitudes(rows);
    double[] columnMoment = magnitudes(columns);
    float decay = 0.75f;
    float epsilon1 = 0x1p-40f;
    float epsilon2 = 0x1p-10f;
    Adafactor.State state =
        new Adafactor.State(
            rows,
            columns,
            bench.input(p),
            bench.input(g),
            bench.input(rowMoment),
            bench.input(columnMoment));
    Span step = bench.input(LEARNING_RATE, decay, GRADIENT_SCALE);
    Span scratch = bench.output(Adafactor.scratchFloats(rows));
    Adafactor.Group group =
        new Adafactor.Group(epsilon1, epsilon2, clipThreshold, WEIGHT_DECAY, scaled);
    bench.run(
        recorder -> {
          for (int i = 0; i < STEPS; i++) {
            Adafactor.record(recorder, group, state, step, scratch);
          }
        });
    for (int i = 0; i < STEPS; i++) {
      OptimizerReference.adafactor(
          p,
          g,
          rowMoment,
          columnMoment,
          LEARNING_RATE,
          decay,
          GRADIENT_SCALE,
          epsilon1,
          scaled ? epsilon2 : -1,
          clipThreshold,
          WEIGHT_DECAY);
    }
    return new Comparison(bench)
        .output(state.parameters(), p)
        .output(state.rowMoment(), rowMoment)
        .output(state.columnMoment(), columnMoment)
        .within(
            "Adafactor " + rows + "x" + columns + " clip=" + clipThreshold + " scaled=" + scaled,
            16 + Math.sqrt(Math.max(rows, columns)));
  }

  private double[] magnitudes(int count) {
    double[] values = bench.values(count);
    Arrays.setAll(values, i -> (float) (0.1 + Math.abs(values[i])));
    return values;
  }
}
