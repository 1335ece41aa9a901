package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.CrossEntropy;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.kernels.ops.MatVec;
import io.shardfire.worker.program.Contribution;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Predicts a token for each row: logits[M,V] are the hidden states times a transposed table of
 * tokens, and the loss is their cross-entropy with the targets, times the rows' weights.
 *
 * <p>The logits of all rows together may be the largest tensor by far, so they are computed for
 * equal parts of the rows, and with gradients at once: [C,S], S the vocabulary size rounded up.
 *
 * @param initial values of a table of its own; null where it is the embedding's
 * @param transform of the hidden states; or null
 * @param scale of the hidden states
 * @param bias shape of a bias of each token, which starts at 0; empty for none
 */
public record TokenHead(
    int vocabularySize,
    int width,
    Initial initial,
    Transform transform,
    float scale,
    List<Integer> bias,
    TokenBatch batch) {
  /** Most floats of logits held at once. */
  private static final long LOGITS_FLOATS = 1 << 26;

  private static final int STRIDE_MULTIPLE = 16;
  private static final String UNEMBEDDING = "unembedding.weight";
  private static final String BIAS = "bias";
  private static final Initial ZERO = new Initial.Constant(0);

  /** A layer, an activation and a norm (Devlin et al., 2019). */
  public record Transform(Linear dense, Activation.Function function, Norm norm) {
    private Value record(Recording r, Value hidden) {
      return norm.record(r, new ActivationLayer(function).record(r, dense.record(r, hidden)));
    }

    private Tensor reference(Reference r, Tensor hidden) {
      Tensor x = dense.reference(r, hidden);
      return norm.reference(r, new ActivationLayer(function).reference(r.tape(), x));
    }
  }

  /** Copies. */
  public TokenHead {
    bias = List.copyOf(bias);
  }

  private boolean biased() {
    return !bias.isEmpty();
  }

  /**
   * Losses of hidden[M,D] into the batch.
   *
   * @param embedding the embedding's table [V,D]
   */
  public void record(Recording r, Value hidden, Parameter embedding) {
    Value states = prepare(r, hidden);
    Unembedding unembedding = unembedding(r, embedding);
    if (r.pass().trains()) {
      r.backward(() -> differentiate(r, states, unembedding));
    } else {
      evaluate(r, states, unembedding);
    }
  }

  private void evaluate(Recording r, Value hidden, Unembedding unembedding) {
    Value logits = logits(r, hidden.rows());
    for (int from = 0; from < hidden.rows(); from += logits.rows()) {
      int rows = Math.min(logits.rows(), hidden.rows() - from);
      Value part = logits.slice(0, rows);
      unembedding.record(r, hidden.slice(from, rows), part);
      Rows of = Rows.of(r, batch, from, rows);
      r.emit(
          of.losses().name(),
          of.reads(part),
          List.of(of.losses()),
          (recorder, spans) ->
              CrossEntropy.forward(
                  recorder,
                  rows,
                  vocabularySize,
                  spans.of(part),
                  part.columns(),
                  spans.of(of.targets()),
                  spans.of(of.losses()),
                  of.options(spans)));
    }
  }

  /** Fields of some rows of a batch; weights and the factor of the gradients may be null. */
  private record Rows(Value targets, Value losses, Value weights, Value factor) {
    static Rows of(Recording r, TokenBatch batch, int from, int rows) {
      return new Rows(
          batch.targets().slice(from, rows),
          batch.losses().slice(from, rows),
          batch.weights() == null ? null : batch.weights().slice(from, rows),
          r.pass().scalesLoss() ? batch.lossFactor() : null);
    }

    List<Operand> reads(Value logits) {
      return Stream.of(logits, targets, weights, factor)
          .filter(Objects::nonNull)
          .<Operand>map(value -> value)
          .toList();
    }

    CrossEntropy.Options options(Spans spans) {
      return new CrossEntropy.Options(
          0, weights == null ? null : spans.of(weights), factor == null ? null : spans.of(factor));
    }
  }

  /** The hidden states as the table wants them. */
  private Value prepare(Recording r, Value hidden) {
    Value states = transform == null ? hidden : transform.record(r, hidden);
    new Scaling(scale).inPlace(r, states);
    return states;
  }

  private Unembedding unembedding(Recording r, Parameter embedding) {
    return new Unembedding(
        vocabularySize,
        width,
        table(r, embedding),
        biased() ? r.parameter(BIAS, ZERO, false, bias.toArray(Integer[]::new)) : null);
  }

  private Parameter table(Recording r, Parameter embedding) {
    return initial == null
        ? embedding
        : r.parameter(UNEMBEDDING, initial, true, vocabularySize, width);
  }

  /** Rows whose logits are computed at once, of {@code rows}. */
  int rowsAtOnce(int rows) {
    long most = Math.max(1, LOGITS_FLOATS / stride());
    long parts = (rows + most - 1) / most;
    return (int) ((rows + parts - 1) / parts);
  }

  private int stride() {
    return (vocabularySize + STRIDE_MULTIPLE - 1) / STRIDE_MULTIPLE * STRIDE_MULTIPLE;
  }

  private Value logits(Recording r, int rows) {
    return r.value("logits", rowsAtOnce(rows), stride());
  }

  /** Losses, then gradients of hidden states and table. */
  private void differentiate(Recording r, Value hidden, Unembedding unembedding) {
    Value logits = logits(r, hidden.rows());
    Contribution dhidden = r.contribution(hidden);
    for (int from = 0; from < hidden.rows(); from += logits.rows()) {
      int rows = Math.min(logits.rows(), hidden.rows() - from);
      Value part = logits.slice(0, rows);
      Value input = hidden.slice(from, rows);
      unembedding.record(r, input, part);
      lossAndGradient(r, part, from);
      unembedding.backward(r, input, part, dhidden.target().slice(from, rows), dhidden.adds());
    }
  }

  /** Turns logits into their gradients. */
  private void lossAndGradient(Recording r, Value logits, int from) {
    Rows of = Rows.of(r, batch, from, logits.rows());
    float lossScale = r.pass().lossScale();
    r.emit(
        of.losses().name(),
        of.reads(logits),
        List.of(logits, of.losses()),
        (recorder, spans) ->
            CrossEntropy.forwardBackward(
                recorder,
                logits.rows(),
                vocabularySize,
                spans.of(logits),
                logits.columns(),
                spans.of(of.targets()),
                spans.of(of.losses()),
                lossScale,
                of.options(spans)));
  }

  /** Logits [M,V] of all rows, which the host reads. */
  public void predict(Recording r, Value hidden, Parameter embedding, Value logits) {
    Value states = prepare(r, hidden);
    Unembedding unembedding = unembedding(r, embedding);
    if (r.pass().weights().quantizes()) {
      unembedding.recordQuantized(r, states, logits);
      return;
    }
    List<Operand> reads = new ArrayList<>(unembedding.others(states));
    reads.add(unembedding.table());
    r.emit(
        logits.name(),
        reads,
        List.of(logits),
        (recorder, spans) ->
            MatVec.record(
                recorder,
                Layout.NT,
                new Matrix(spans.of(states), width),
                new Matrix(spans.of(unembedding.table()), width),
                new Matrix(spans.of(logits), vocabularySize),
                logits.rows(),
                vocabularySize,
                width,
                unembedding.epilogue(spans)));
  }

  /** Logits [M,V] in double precision. */
  public Tensor reference(Reference r, Tensor hidden, Tensor embedding) {
    Tensor states = transform == null ? hidden : transform.reference(r, hidden);
    Tensor table = initial == null ? embedding : r.parameter(UNEMBEDDING, vocabularySize, width);
    Tensor logits = r.productTransposed(r.tape().scale(states, scale), table);
    return biased() ? r.tape().addRow(logits, r.parameter(BIAS, 1, vocabularySize)) : logits;
  }
}
