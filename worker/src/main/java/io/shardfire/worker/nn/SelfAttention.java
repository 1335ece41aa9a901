package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AttentionMask;
import io.shardfire.kernels.ops.AttentionOptions;
import io.shardfire.kernels.ops.AttentionShape;
import io.shardfire.kernels.ops.CachedAttention;
import io.shardfire.kernels.ops.FlashAttention;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tape;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Causal self-attention of H query heads over G key-value heads of S dims (Vaswani et al., 2017;
 * Ainslie et al., 2023).
 *
 * @param shape H, G, S, and how many queries and keys a pass has
 * @param window how many positions a query sees, its own included; 0 for all before it
 * @param input x to queries, keys and values side by side [M, (H+2G)S]
 * @param output [M, HS] to D, joining the residual stream
 * @param weightDropout of the attention weights
 * @param rotary turns queries and keys by their positions; or null
 * @param biases penalties by distance; or null
 * @param position where decoding stands [1,1]
 */
public record SelfAttention(
    String name,
    AttentionShape shape,
    int window,
    PackedLinear input,
    Projection output,
    Dropped weightDropout,
    Rotary rotary,
    LinearBiases biases,
    Value position) {

  /** x[M,D] attended, plus residual[M,D]. */
  public Value record(Recording r, Value x, Value residual) {
    return r.scope(
        name,
        () -> {
          Value qkv = input.record(r, x);
          if (rotary != null) {
            rotary.record(r, qkv, shape.heads() + shape.kvHeads());
          }
          Value attended = r.pass().decodes() ? decode(r, qkv) : attend(r, qkv);
          return output.record(r, attended, residual);
        });
  }

  /** Options of a call, once its operands have their places. */
  private AttentionOptions options(Spans spans, int dropoutSite) {
    AttentionMask mask =
        window == 0 ? AttentionMask.CAUSAL : AttentionMask.CAUSAL.withWindow(window);
    AttentionOptions options = AttentionOptions.of(shape, mask);
    if (biases != null) {
      options = options.withDistanceBias(spans.of(biases.table()));
    }
    return dropoutSite < 0
        ? options
        : options.withDropout(weightDropout.mask(spans.of(weightDropout.key()), dropoutSite));
  }

  private List<Operand> reads(int dropoutSite, Value... values) {
    List<Operand> operands = new ArrayList<>(List.of(values));
    if (biases != null) {
      operands.add(biases.table());
    }
    if (dropoutSite >= 0) {
      operands.add(weightDropout.key());
    }
    return operands;
  }

  private FlashAttention.Inputs packed(Span qkv) {
    return FlashAttention.Inputs.packed(shape, qkv);
  }

  private Value attend(Recording r, Value qkv) {
    Value out = r.rows("attended", shape.width());
    Value logSumExp = r.rows("logSumExp", shape.heads());
    int site = weightDropout.applies(r) ? r.dropoutSite("weights") : -1;
    r.emit(
        out.name(),
        reads(site, qkv),
        List.of(out, logSumExp),
        (recorder, spans) ->
            FlashAttention.forward(
                recorder,
                options(spans, site),
                packed(spans.of(qkv)),
                outputs(spans, out, logSumExp)));
    r.backward(
        () -> {
          Value dout = r.gradient(out);
          r.overwriting(
              qkv,
              dqkv ->
                  r.emit(
                      dqkv.name(),
                      reads(site, qkv, out, logSumExp, dout),
                      List.of(dqkv),
                      (recorder, spans) ->
                          FlashAttention.backward(
                              recorder,
                              options(spans, site),
                              packed(spans.of(qkv)),
                              outputs(spans, out, logSumExp),
                              new Matrix(spans.of(dout), shape.width()),
                              packed(spans.of(dqkv)),
                              null)));
        });
    return out;
  }

  private FlashAttention.Outputs outputs(Spans spans, Value out, Value logSumExp) {
    return new FlashAttention.Outputs(
        new Matrix(spans.of(out), shape.width()), spans.of(logSumExp));
  }

  private Value decode(Recording r, Value qkv) {
    Value keys = r.state("keys", shape.keys(), shape.kvWidth());
    Value values = r.state("values", shape.keys(), shape.kvWidth());
    Value out = r.rows("attended", shape.width());
    r.emit(
        out.name(),
        reads(-1, qkv, position, keys, values),
        List.of(out, keys, values),
        (recorder, spans) ->
            CachedAttention.decode(
                recorder,
                options(spans, -1),
                packed(spans.of(qkv)),
                new CachedAttention.Cache(spans.of(keys), spans.of(values)),
                spans.of(position),
                new Matrix(spans.of(out), shape.width())));
    return out;
  }

  /** The same in double precision, one head of one sequence at a time. */
  public Tensor reference(Reference r, Tensor x, Tensor residual) {
    return r.scope(
        name,
        () -> {
          Tensor qkv = input.reference(r, x);
          boolean drops = r.pass().trains() && weightDropout.rate() > 0;
          int site = drops ? r.dropoutSite("weights") : -1;
          List<Tensor> attended = new ArrayList<>();
          for (int b = 0; b < r.pass().batch(); b++) {
            for (int head = 0; head < shape.heads(); head++) {
              attended.add(head(r, qkv, b, head, site));
            }
          }
          return output.reference(r, r.tape().tile(attended, shape.heads()), residual);
        });
  }

  private Tensor head(Reference r, Tensor qkv, int b, int head, int site) {
    Tape tape = r.tape();
    int time = r.pass().time();
    int size = shape.headSize();
    int group = head * shape.kvHeads() / shape.heads();
    int keyColumn = shape.width() + group * size;
    Tensor query = tape.slice(qkv, b * time, time, head * size, size);
    Tensor key = tape.slice(qkv, b * time, time, keyColumn, size);
    Tensor value = tape.slice(qkv, b * time, time, keyColumn + shape.kvWidth(), size);
    if (rotary != null) {
      query = rotary.reference(tape, query);
      key = rotary.reference(tape, key);
    }
    Tensor scores = tape.scale(tape.productTransposed(query, key), 1 / StrictMath.sqrt(size));
    Tensor weights = tape.softmax(tape.add(scores, bias(tape, head, time)));
    if (site >= 0) {
      double[] factors = new double[time * time];
      for (int i = 0; i < factors.length; i++) {
        long row = ((long) b * shape.heads() + head) * time + i / time;
        factors[i] = r.dropout().attention(site, weightDropout.rate(), row, i % time);
      }
      weights = tape.scale(weights, factors);
    }
    return tape.product(weights, value);
  }

  /** What is added to scores: minus infinity where a query does not see a key. */
  private Tensor bias(Tape tape, int head, int time) {
    double[] added = new double[time * time];
    for (int i = 0; i < added.length; i++) {
      int distance = i / time - i % time;
      boolean sees = distance >= 0 && (window == 0 || distance < window);
      double penalty = biases == null ? 0 : biases.reference(head, distance);
      added[i] = sees ? penalty : Double.NEGATIVE_INFINITY;
    }
    return tape.leaf(time, time, added);
  }
}
