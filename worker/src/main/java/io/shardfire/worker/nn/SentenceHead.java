package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Activation;
import io.shardfire.kernels.ops.CrossEntropy;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.worker.program.Contribution;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Predicts a class for each sequence from its first token: a layer, tanh, another layer (Devlin et
 * al., 2019). Each sequence counts as much as all of its tokens together.
 *
 * @param pooler [D,D]
 * @param classifier [D, classes]
 * @param firstRows the row of each sequence's first token [batch,1]
 * @param weights of the sequences [batch,1]: tokens of each
 */
public record SentenceHead(
    Linear pooler, Linear classifier, Value firstRows, Value weights, TokenBatch batch) {
  private static final ActivationLayer TANH = new ActivationLayer(Activation.Function.TANH);

  /** A head, whose tables are constants of the model. */
  public static SentenceHead of(Linear pooler, Linear classifier, TokenBatch batch) {
    return new SentenceHead(
        pooler,
        classifier,
        Value.pinned("first rows", batch.batch(), 1),
        Value.pinned("sequence weights", batch.batch(), 1),
        batch);
  }

  /** The tables that the host fills. */
  public List<Constant> constants() {
    int time = batch.time();
    return List.of(
        new Constant(
            firstRows,
            span -> {
              for (int b = 0; b < span.length(); b++) {
                span.set(b, b * time);
              }
              span.upload();
            }),
        new Constant(
            weights,
            span -> {
              span.fill(0, span.length(), time);
              span.upload();
            }));
  }

  /** Losses of hidden[M,D] into the batch. */
  public void record(Recording r, Value hidden) {
    Value first = first(r, hidden);
    Value logits = classifier.record(r, TANH.record(r, pooler.record(r, first)));
    List<Operand> reads = List.of(logits, batch.labels(), weights);
    if (r.pass().trains()) {
      r.backward(() -> differentiate(r, logits));
      return;
    }
    r.emit(
        batch.labelLosses().name(),
        reads,
        List.of(batch.labelLosses()),
        (recorder, spans) ->
            CrossEntropy.forward(
                recorder,
                logits.rows(),
                logits.columns(),
                spans.of(logits),
                logits.columns(),
                spans.of(batch.labels()),
                spans.of(batch.labelLosses()),
                new CrossEntropy.Options(0, spans.of(weights))));
  }

  /** The first row of each sequence. */
  private Value first(Recording r, Value hidden) {
    int width = hidden.columns();
    Value first = r.activation("first", firstRows.rows(), width);
    r.emit(
        first.name(),
        List.of(hidden, firstRows),
        List.of(first),
        (recorder, spans) ->
            RowLookup.forward(
                recorder, width, spans.of(firstRows), spans.of(hidden), spans.of(first)));
    r.backward(
        () -> {
          Value dfirst = r.gradient(first);
          Contribution dhidden = r.contribution(hidden);
          List<Operand> reads = new ArrayList<>(List.of(dfirst, firstRows));
          if (dhidden.adds()) {
            reads.add(dhidden.target());
          }
          r.emit(
              dhidden.target().name(),
              reads,
              List.of(dhidden.target()),
              (recorder, spans) ->
                  RowLookup.backward(
                      recorder,
                      width,
                      spans.of(firstRows),
                      spans.of(dfirst),
                      spans.of(dhidden.target()),
                      dhidden.adds()));
        });
    return first;
  }

  private void differentiate(Recording r, Value logits) {
    Value dlogits = r.contribution(logits).target();
    float lossScale = r.pass().lossScale();
    Value factor = r.pass().scalesLoss() ? batch.lossFactor() : null;
    List<Operand> reads = new ArrayList<>(List.of(logits, batch.labels(), weights));
    if (factor != null) {
      reads.add(factor);
    }
    r.emit(
        batch.labelLosses().name(),
        reads,
        List.of(dlogits, batch.labelLosses()),
        (recorder, spans) -> {
          Elementwise.copy(recorder, spans.of(logits), spans.of(dlogits));
          CrossEntropy.forwardBackward(
              recorder,
              logits.rows(),
              logits.columns(),
              spans.of(dlogits),
              logits.columns(),
              spans.of(batch.labels()),
              spans.of(batch.labelLosses()),
              lossScale,
              new CrossEntropy.Options(
                  0, spans.of(weights), factor == null ? null : spans.of(factor)));
        });
  }

  /** Logits [batch, classes] in double precision. */
  public Tensor reference(Reference r, Tensor hidden) {
    int[] rows = new int[batch.batch()];
    Arrays.setAll(rows, b -> b * batch.time());
    Tensor pooled = pooler.reference(r, r.tape().gather(hidden, rows));
    return classifier.reference(r, TANH.reference(r.tape(), pooled));
  }
}
