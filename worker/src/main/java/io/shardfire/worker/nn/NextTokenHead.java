package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.CrossEntropy;
import io.shardfire.kernels.ops.MatMul;
import io.shardfire.kernels.ops.MatMul.Epilogue;
import io.shardfire.kernels.ops.MatMul.Layout;
import io.shardfire.kernels.ops.MatMul.Matrix;
import io.shardfire.kernels.ops.MatVec;
import io.shardfire.worker.program.Contribution;
import io.shardfire.worker.program.Initial;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterGradient;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Predicts each row's next token: logits[M,V] are the hidden states times a transposed table of
 * tokens, and the loss is their cross-entropy with the targets.
 *
 * <p>The logits of all rows together may be the largest tensor by far, so they are computed for
 * equal parts of the rows, and with gradients at once: [C,S], S the vocabulary size rounded up.
 *
 * @param initial values of a table of its own; null where it is the embedding's
 */
public record NextTokenHead(int vocabularySize, int width, Initial initial, TokenBatch batch) {
  /** Most floats of logits held at once. */
  private static final long LOGITS_FLOATS = 1 << 25;

  private static final int STRIDE_MULTIPLE = 16;
  private static final String UNEMBEDDING = "unembedding.weight";

  /**
   * Losses of hidden[M,D] into the batch.
   *
   * @param embedding the embedding's table [V,D]
   */
  public void record(Recording r, Value hidden, Parameter embedding) {
    Parameter unembedding = table(r, embedding);
    if (r.pass().trains()) {
      r.backward(() -> differentiate(r, hidden, unembedding));
      return;
    }
    Value logits = logits(r, hidden.rows());
    for (int from = 0; from < hidden.rows(); from += logits.rows()) {
      int rows = Math.min(logits.rows(), hidden.rows() - from);
      Value part = logits.slice(0, rows);
      unembed(r, hidden.slice(from, rows), unembedding, part);
      Value targets = batch.targets().slice(from, rows);
      Value losses = batch.losses().slice(from, rows);
      r.emit(
          losses.name(),
          List.of(part, targets),
          List.of(losses),
          (recorder, spans) ->
              CrossEntropy.forward(
                  recorder,
                  rows,
                  vocabularySize,
                  spans.of(part),
                  part.columns(),
                  spans.of(targets),
                  spans.of(losses)));
    }
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

  private void unembed(Recording r, Value hidden, Parameter unembedding, Value logits) {
    r.emit(
        logits.name(),
        List.of(hidden, unembedding),
        List.of(logits),
        (recorder, spans) ->
            MatMul.record(
                recorder,
                Layout.NT,
                new Matrix(spans.of(hidden), width),
                new Matrix(spans.of(unembedding), width),
                new Matrix(spans.of(logits), logits.columns()),
                hidden.rows(),
                vocabularySize,
                width,
                Epilogue.NONE));
  }

  /** Losses, then gradients of hidden states and table. */
  private void differentiate(Recording r, Value hidden, Parameter unembedding) {
    Value logits = logits(r, hidden.rows());
    Contribution dhidden = r.contribution(hidden);
    for (int from = 0; from < hidden.rows(); from += logits.rows()) {
      int rows = Math.min(logits.rows(), hidden.rows() - from);
      Value part = logits.slice(0, rows);
      Value input = hidden.slice(from, rows);
      unembed(r, input, unembedding, part);
      lossAndGradient(r, part, from);
      unembedBackward(
          r, input, unembedding, part, dhidden.target().slice(from, rows), dhidden.adds());
    }
  }

  /** Turns logits into their gradients. */
  private void lossAndGradient(Recording r, Value logits, int from) {
    Value targets = batch.targets().slice(from, logits.rows());
    Value losses = batch.losses().slice(from, logits.rows());
    float scale = r.pass().lossScale();
    r.emit(
        losses.name(),
        List.of(logits, targets),
        List.of(logits, losses),
        (recorder, spans) ->
            CrossEntropy.forwardBackward(
                recorder,
                logits.rows(),
                vocabularySize,
                spans.of(logits),
                logits.columns(),
                spans.of(targets),
                spans.of(losses),
                scale));
  }

  private void unembedBackward(
      Recording r,
      Value hidden,
      Parameter unembedding,
      Value dlogits,
      Value dhidden,
      boolean adds) {
    List<Operand> reads = new ArrayList<>(List.of(dlogits, unembedding));
    if (adds) {
      reads.add(dhidden);
    }
    r.emit(
        dhidden.name(),
        reads,
        List.of(dhidden),
        (recorder, spans) ->
            MatMul.record(
                recorder,
                Layout.NN,
                new Matrix(spans.of(dlogits), dlogits.columns()),
                new Matrix(spans.of(unembedding), width),
                new Matrix(spans.of(dhidden), width),
                hidden.rows(),
                width,
                vocabularySize,
                adds ? Epilogue.ACCUMULATE : Epilogue.NONE));
    ParameterGradient dtable = r.gradient(unembedding);
    r.emit(
        dtable.name(),
        List.of(dlogits, hidden),
        List.of(dtable),
        (recorder, spans) ->
            MatMul.record(
                recorder,
                Layout.TN,
                new Matrix(spans.of(dlogits), dlogits.columns()),
                new Matrix(spans.of(hidden), width),
                new Matrix(spans.of(dtable), width),
                vocabularySize,
                width,
                hidden.rows(),
                spans.accumulates(dtable) ? Epilogue.ACCUMULATE : Epilogue.NONE));
  }

  /** The logits of one row, which the host reads. */
  public void predict(Recording r, Value hidden, Parameter embedding, Value logits) {
    Parameter unembedding = table(r, embedding);
    r.emit(
        logits.name(),
        List.of(hidden, unembedding),
        List.of(logits),
        (recorder, spans) ->
            MatVec.record(
                recorder,
                Layout.NT,
                new Matrix(spans.of(hidden), width),
                new Matrix(spans.of(unembedding), width),
                new Matrix(spans.of(logits), vocabularySize),
                1,
                vocabularySize,
                width,
                Epilogue.NONE));
  }

  /** Logits [M,V] in double precision. */
  public Tensor reference(Reference r, Tensor hidden, Tensor embedding) {
    Tensor table = initial == null ? embedding : r.parameter(UNEMBEDDING, vocabularySize, width);
    return r.tape().productTransposed(hidden, table);
  }
}
