package io.shardfire.kernels.selftest;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Attention;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.kernels.reference.AttentionReference;
import io.shardfire.kernels.reference.DropoutReference;
import java.util.stream.IntStream;

/** Compares attention with the reference, for any sizes. Each check clears the bench first. */
public final class AttentionChecks {
  private static final long KEY = 0x9abc_def0_1234_5678L;
  private static final float RATE = 0.3f;

  private final Workbench bench;

  /** Checks on the given bench. */
  public AttentionChecks(Workbench bench) {
    this.bench = bench;
  }

  /** Forward and backward, with or without dropout. */
  public CheckResult attention(Attention.Shape shape, boolean drop) {
    bench.clear();
    int rows = shape.batch() * shape.time();
    double[] qkv = bench.values(3 * rows * shape.width());
    double[] dout = bench.values(rows * shape.width());
    AttentionReference reference =
        new AttentionReference(
            shape.batch(),
            shape.time(),
            shape.heads(),
            shape.headSize(),
            drop ? new DropoutReference(RATE, KEY, 5) : null);
    AttentionReference.Result expected = reference.forward(qkv);
    Span packed = bench.input(qkv);
    Span out = bench.output(rows * shape.width());
    Span lse = bench.output(rows * shape.heads());
    Span upstream = bench.input(dout);
    Span dqkv = bench.output(qkv.length);
    Dropout.Mask mask = drop ? mask(5) : null;
    bench.run(
        recorder -> {
          Attention.forward(recorder, shape, packed, out, lse, mask);
          Attention.backward(recorder, shape, packed, out, lse, upstream, dqkv, mask);
        });
    return new Comparison(bench)
        .output(out, expected.out())
        .output(lse, expected.logSumExp())
        .output(dqkv, reference.backward(qkv, dout))
        .within(
            "Attention "
                + FlashAttentionChecks.describe(
                    AttentionShape.self(
                        shape.batch(), shape.time(), shape.heads(), shape.headSize()))
                + (drop ? " causal dropout" : " causal"),
            16 + 2 * Math.sqrt(shape.time() + shape.headSize()));
  }

  /** All positions of a sequence decoded one by one. */
  public CheckResult attentionDecode(int time, int heads, int headSize) {
    bench.clear();
    int width = heads * headSize;
    double[] qkv = bench.values(3 * time * width);
    Span packed = bench.input(qkv);
    Span keys = bench.output(time * width);
    Span values = bench.output(time * width);
    Span positions = bench.input(IntStream.range(0, time).toArray());
    Span out = bench.output(time * width);
    bench.run(
        recorder -> {
          for (int t = 0; t < time; t++) {
            Attention.decode(
                recorder,
                time,
                heads,
                headSize,
                packed.slice(3 * t * width, 3 * width),
                keys,
                values,
                positions.slice(t, 1),
                out.slice(t * width, width));
          }
        });
    AttentionReference reference = new AttentionReference(1, time, heads, headSize, null);
    return new Comparison(bench)
        .output(out, reference.forward(qkv).out())
        .within(
            "Attention.decode time=" + time + " heads=" + heads + " headSize=" + headSize,
            16 + 2 * Math.sqrt(time + headSize));
  }

  private Dropout.Mask mask(int stream) {
    Span key = bench.output(Dropout.KEY_FLOATS);
    Dropout.writeKey(key, KEY);
    return new Dropout.Mask(RATE, key, stream);
  }
}
