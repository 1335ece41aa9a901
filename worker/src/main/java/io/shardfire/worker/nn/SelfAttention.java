package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Attention;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tape;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Causal multi-head self-attention (Vaswani et al., 2017).
 *
 * @param context most positions, which a cache holds when decoding
 * @param input D to queries, keys and values side by side [M,3D], head h at h*D/H of each
 * @param output D to D, joining the residual stream
 * @param weightDropout of the attention weights
 * @param position [1,1], where decoding stands
 */
public record SelfAttention(
    String name,
    int heads,
    int context,
    Linear input,
    Projection output,
    Dropped weightDropout,
    Value position) {

  /** x[M,D] attended, plus residual[M,D]. */
  public Value record(Recording r, Value x, Value residual) {
    return r.scope(
        name,
        () -> {
          Value qkv = input.record(r, x);
          Value attended = r.pass().decodes() ? decode(r, qkv) : attend(r, qkv);
          return output.record(r, attended, residual);
        });
  }

  private int width() {
    return output.linear().inputs();
  }

  private Value attend(Recording r, Value qkv) {
    Attention.Shape shape =
        new Attention.Shape(r.pass().batch(), r.pass().time(), heads, width() / heads);
    Value out = r.rows("attended", width());
    Value logSumExp = r.rows("logSumExp", heads);
    boolean drops = weightDropout.applies(r);
    int site = drops ? r.dropoutSite("weights") : -1;
    Masks masks = spans -> drops ? weightDropout.mask(spans.of(weightDropout.key()), site) : null;
    r.emit(
        out.name(),
        withKey(List.of(qkv), drops),
        List.of(out, logSumExp),
        (recorder, spans) ->
            Attention.forward(
                recorder,
                shape,
                spans.of(qkv),
                spans.of(out),
                spans.of(logSumExp),
                masks.of(spans)));
    r.backward(
        () -> {
          Value dout = r.gradient(out);
          r.overwriting(
              qkv,
              dqkv ->
                  r.emit(
                      dqkv.name(),
                      withKey(List.of(qkv, out, logSumExp, dout), drops),
                      List.of(dqkv),
                      (recorder, spans) ->
                          Attention.backward(
                              recorder,
                              shape,
                              spans.of(qkv),
                              spans.of(out),
                              spans.of(logSumExp),
                              spans.of(dout),
                              spans.of(dqkv),
                              masks.of(spans))));
        });
    return out;
  }

  private interface Masks {
    Dropout.Mask of(Spans spans);
  }

  private List<Operand> withKey(List<Value> values, boolean drops) {
    List<Operand> operands = new ArrayList<>(values);
    if (drops) {
      operands.add(weightDropout.key());
    }
    return operands;
  }

  private Value decode(Recording r, Value qkv) {
    Value keys = r.state("keys", context, width());
    Value values = r.state("values", context, width());
    Value out = r.rows("attended", width());
    r.emit(
        out.name(),
        List.of(qkv, position, keys, values),
        List.of(out, keys, values),
        (recorder, spans) -> {
          Span place = spans.of(position);
          Attention.decode(
              recorder,
              context,
              heads,
              width() / heads,
              spans.of(qkv),
              spans.of(keys),
              spans.of(values),
              place,
              spans.of(out));
        });
    return out;
  }

  /** The same in double precision, one head of one sequence at a time. */
  public Tensor reference(Reference r, Tensor x, Tensor residual) {
    return r.scope(
        name,
        () -> {
          Tensor qkv = input.reference(r, x);
          int site = r.pass().trains() && weightDropout.rate() > 0 ? r.dropoutSite("weights") : -1;
          List<Tensor> attended = new ArrayList<>();
          for (int b = 0; b < r.pass().batch(); b++) {
            for (int head = 0; head < heads; head++) {
              attended.add(head(r, qkv, b, head, site));
            }
          }
          return output.reference(r, r.tape().tile(attended, heads), residual);
        });
  }

  private Tensor head(Reference r, Tensor qkv, int b, int head, int site) {
    Tape tape = r.tape();
    int time = r.pass().time();
    int size = width() / heads;
    Tensor[] parts = new Tensor[3];
    Arrays.setAll(parts, k -> tape.slice(qkv, b * time, time, k * width() + head * size, size));
    Tensor scores =
        tape.scale(tape.productTransposed(parts[0], parts[1]), 1 / StrictMath.sqrt(size));
    Tensor weights = tape.softmax(tape.add(scores, causal(tape, time)));
    if (site >= 0) {
      double[] factors = new double[time * time];
      for (int i = 0; i < factors.length; i++) {
        long row = ((long) b * heads + head) * time + i / time;
        factors[i] = r.dropout().attention(site, weightDropout.rate(), row, i % time);
      }
      weights = tape.scale(weights, factors);
    }
    return tape.product(weights, parts[2]);
  }

  /** Zero where a query may see a key, minus infinity where the key comes later. */
  private static Tensor causal(Tape tape, int time) {
    double[] mask = new double[time * time];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % time > i / time ? Double.NEGATIVE_INFINITY : 0;
    }
    return tape.leaf(time, time, mask);
  }
}
