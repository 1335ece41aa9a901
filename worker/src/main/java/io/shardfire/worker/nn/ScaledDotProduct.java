package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.AttentionMask;
import io.shardfire.kernels.ops.AttentionOptions;
import io.shardfire.kernels.ops.AttentionShape;
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
import java.util.function.Consumer;

/**
 * softmax(scale q·k + bias, where visible) v of H query heads over G key-value heads of S dims
 * (Vaswani et al., 2017; Ainslie et al., 2023).
 *
 * @param shape H, G, S, and how many queries and keys a pass has
 * @param causal whether keys behind a query are hidden
 * @param window how many keys a query sees to each side, its own included; 0 for all
 * @param scaled whether scores are divided by the root of S
 * @param visible which keys each query sees; null for all
 * @param weightDropout of the attention weights
 */
public record ScaledDotProduct(
    AttentionShape shape,
    boolean causal,
    int window,
    boolean scaled,
    TokenBatch.Interval visible,
    Dropped weightDropout) {

  /**
   * Queries, keys and values as columns of values.
   *
   * @param queries in its first HS columns
   * @param others keys in GS columns from {@code keyColumn} on, then as many of values
   */
  record Inputs(Value queries, Value others, int keyColumn) {
    FlashAttention.Inputs matrices(
        Spans spans, Value queriesOrGradient, Value othersOrGradient, int width) {
      return new FlashAttention.Inputs(
          band(spans, queriesOrGradient, 0),
          band(spans, othersOrGradient, keyColumn),
          band(spans, othersOrGradient, keyColumn + width));
    }

    private static Matrix band(Spans spans, Value value, int column) {
      Span span = spans.of(value);
      return new Matrix(span.slice(column, span.length() - column), value.columns());
    }

    /** The values, each once. */
    List<Value> values() {
      return queries == others ? List.of(queries) : List.of(queries, others);
    }
  }

  /** Options of a call, once its operands have their places. */
  AttentionOptions options(Spans spans, DistanceBias.Recorded biases, int dropoutSite) {
    AttentionMask mask = causal ? AttentionMask.CAUSAL : AttentionMask.FULL;
    if (window > 0) {
      mask = mask.withWindow(window);
    }
    if (visible != null) {
      mask = mask.withDocuments(spans.of(visible.first()), spans.of(visible.end()));
    }
    AttentionOptions options = AttentionOptions.of(shape, mask);
    if (!scaled) {
      options = options.withScale(1);
    }
    if (biases != null) {
      options = options.withDistanceBias(spans.of(biases.table()));
    }
    return dropoutSite < 0
        ? options
        : options.withDropout(weightDropout.mask(spans.of(weightDropout.key()), dropoutSite));
  }

  /** What a call reads besides the given values. */
  List<Operand> reads(DistanceBias.Recorded biases, int dropoutSite, List<Value> values) {
    List<Operand> operands = new ArrayList<>(values);
    if (visible != null) {
      operands.add(visible.first());
      operands.add(visible.end());
    }
    if (biases != null) {
      operands.add(biases.table());
    }
    if (dropoutSite >= 0) {
      operands.add(weightDropout.key());
    }
    return operands;
  }

  /** What is attended to, [rows of the queries, HS]; biases may be null. */
  Value record(Recording r, Inputs inputs, DistanceBias.Recorded biases) {
    int rows = inputs.queries().rows();
    Value out = r.activation("attended", rows, shape.width());
    Value logSumExp = r.value("logSumExp", rows, shape.heads());
    int site = weightDropout.applies(r) ? r.dropoutSite("weights") : -1;
    r.emit(
        out.name(),
        reads(biases, site, inputs.values()),
        List.of(out, logSumExp),
        new AttentionEmission(
            spans -> options(spans, biases, site).withPrecision(r.pass().precision()),
            spans -> inputs.matrices(spans, inputs.queries(), inputs.others(), shape.kvWidth()),
            spans -> outputs(spans, out, logSumExp)));
    r.backward(() -> backward(r, inputs, biases, site, out, logSumExp));
    return out;
  }

  private void backward(
      Recording r,
      Inputs inputs,
      DistanceBias.Recorded biases,
      int site,
      Value out,
      Value logSumExp) {
    Value dout = r.gradient(out);
    List<Value> read = new ArrayList<>(inputs.values());
    read.addAll(List.of(out, logSumExp, dout));
    List<Value> differentiated = new ArrayList<>(inputs.values());
    boolean trainsBiases = biases != null && biases.bySequence() != null;
    if (trainsBiases) {
      differentiated.add(biases.bySequence());
    }
    overwriting(
        r,
        differentiated,
        new ArrayList<>(),
        gradients ->
            r.emit(
                gradients.get(0).name(),
                reads(biases, site, read),
                List.copyOf(gradients),
                (recorder, spans) ->
                    FlashAttention.backward(
                        recorder,
                        options(spans, biases, site).withPrecision(r.pass().precision()),
                        inputs.matrices(spans, inputs.queries(), inputs.others(), shape.kvWidth()),
                        outputs(spans, out, logSumExp),
                        new Matrix(spans.of(dout), shape.width()),
                        inputs.matrices(
                            spans,
                            gradients.get(0),
                            gradients.get(inputs.values().size() - 1),
                            shape.kvWidth()),
                        trainsBiases ? spans.of(gradients.get(gradients.size() - 1)) : null)));
  }

  /** One operation overwrites parts of the gradients of several values. */
  private static void overwriting(
      Recording r, List<Value> values, List<Value> gradients, Consumer<List<Value>> operation) {
    if (gradients.size() == values.size()) {
      operation.accept(gradients);
      return;
    }
    r.overwriting(
        values.get(gradients.size()),
        gradient -> {
          gradients.add(gradient);
          overwriting(r, values, gradients, operation);
        });
  }

  private FlashAttention.Outputs outputs(Spans spans, Value out, Value logSumExp) {
    return new FlashAttention.Outputs(
        new Matrix(spans.of(out), shape.width()), spans.of(logSumExp));
  }

  /** Turns a head of one sequence [T, S] by its positions, or not. */
  interface Turn {
    Tensor apply(Tape tape, Tensor head);
  }

  /**
   * The same in double precision, one head of one sequence at a time.
   *
   * @param biases of each head; or null
   */
  Tensor reference(
      Reference r, Tensor queries, Tensor others, int keyColumn, Turn turn, List<Tensor> biases) {
    boolean drops = r.pass().trains() && weightDropout.rate() > 0;
    int site = drops ? r.dropoutSite("weights") : -1;
    Tape tape = r.tape();
    int size = shape.headSize();
    List<Tensor> attended = new ArrayList<>();
    for (int b = 0; b < shape.batch(); b++) {
      Tensor mask = mask(r, b);
      for (int head = 0; head < shape.heads(); head++) {
        int column = keyColumn + head * shape.kvHeads() / shape.heads() * size;
        Tensor query = tape.slice(queries, b * shape.queries(), shape.queries(), head * size, size);
        Tensor key = tape.slice(others, b * shape.keys(), shape.keys(), column, size);
        Tensor value =
            tape.slice(others, b * shape.keys(), shape.keys(), column + shape.kvWidth(), size);
        Tensor scores = r.scores(turn.apply(tape, query), turn.apply(tape, key));
        if (scaled) {
          scores = tape.scale(scores, 1 / StrictMath.sqrt(size));
        }
        if (biases != null) {
          scores = tape.add(scores, biases.get(head));
        }
        attended.add(r.attend(tape.add(scores, mask), factors(r, site, b, head), value));
      }
    }
    return tape.tile(attended, shape.heads());
  }

  /** Of dropout, of each weight. */
  private double[] factors(Reference r, int site, int b, int head) {
    double[] factors = new double[shape.queries() * shape.keys()];
    for (int i = 0; i < factors.length; i++) {
      long row = ((long) b * shape.heads() + head) * shape.queries() + i / shape.keys();
      factors[i] =
          site < 0 ? 1 : r.dropout().attention(site, weightDropout.rate(), row, i % shape.keys());
    }
    return factors;
  }

  /** Minus infinity where a query does not see a key, else 0. */
  private Tensor mask(Reference r, int b) {
    int keys = shape.keys();
    int[] first = visible == null ? null : r.input(visible.first());
    int[] end = visible == null ? null : r.input(visible.end());
    double[] added = new double[shape.queries() * keys];
    for (int i = 0; i < added.length; i++) {
      int query = i / keys;
      int key = i % keys;
      int row = b * shape.queries() + query;
      int distance = causal ? query - key : Math.abs(query - key);
      boolean sees =
          distance >= 0
              && (window == 0 || distance < window)
              && (visible == null || (first[row] <= key && key < end[row]));
      added[i] = sees ? 0 : Double.NEGATIVE_INFINITY;
    }
    return r.tape().leaf(shape.queries(), keys, added);
  }
}
