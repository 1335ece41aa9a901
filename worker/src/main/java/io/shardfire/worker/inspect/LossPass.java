package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.Span;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Operation;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs an evaluation pass in parts, each of which ends when the losses of some rows are there: then
 * their logits are, too. Confined to one thread.
 */
final class LossPass {
  /** No token: the row counts nothing. */
  private static final int NONE = -1;

  private final int batchSize;
  private final int context;
  private final int vocabularySize;
  private final ByteLengths byteLengths;
  private final Span ids;
  private final Span targets;
  private final Span losses;
  private final List<Part> parts = new ArrayList<>();

  /**
   * Operations up to the losses of some rows.
   *
   * @param logits of these rows, [rows, stride]
   */
  private record Part(CommandBuffer buffer, Span logits, int stride) {
    int rows() {
      return logits.length() / stride;
    }
  }

  LossPass(
      ProgramRecorder recorder, PlannedPass pass, int vocabularySize, ByteLengths byteLengths) {
    TokenBatch batch = pass.batch();
    this.batchSize = batch.batch();
    this.context = batch.time();
    this.vocabularySize = vocabularySize;
    this.byteLengths = byteLengths;
    this.ids = recorder.span(batch.ids());
    this.targets = recorder.span(batch.targets());
    this.losses = recorder.span(batch.losses());
    List<Operation> operations = new ArrayList<>();
    for (Operation operation : pass.program().operations()) {
      operations.add(operation);
      if (writes(operation, batch.losses())) {
        Value logits = logits(operation);
        parts.add(
            new Part(
                recorder.record("losses", operations, false),
                recorder.span(logits),
                logits.columns()));
        operations.clear();
      }
    }
  }

  private static boolean writes(Operation operation, Value value) {
    return operation.writes().stream().anyMatch(operand -> operand.name().equals(value.name()));
  }

  /** The one operand that has a column for every token. */
  private Value logits(Operation operation) {
    return operation.reads().stream()
        .filter(Value.class::isInstance)
        .map(Value.class::cast)
        .filter(value -> value.columns() >= vocabularySize)
        .findFirst()
        .orElseThrow();
  }

  /** Evaluates all windows of the text, in order. */
  Losses run(EvaluationText text) {
    double[] sums = new double[context];
    long windows = text.windows(context);
    long correct = 0;
    long bytes = 0;
    for (long window = 0; window < windows; window += batchSize) {
      int count = (int) Math.min(batchSize, windows - window);
      load(text, window, count);
      int row = 0;
      for (Part part : parts) {
        part.buffer().run();
        part.logits().download();
        for (int i = 0; i < part.rows(); i++, row++) {
          correct += isLikeliest(part, i, target(row)) ? 1 : 0;
        }
      }
      losses.download();
      for (int i = 0; i < count * context; i++) {
        sums[i % context] += losses.arena().array()[losses.offset() + i];
        bytes += byteLengths.of(target(i));
      }
    }
    return new Losses(sums, windows, correct, bytes);
  }

  private void load(EvaluationText text, long window, int count) {
    for (int row = 0; row < count; row++) {
      text.read(window + row, context, ids, targets, row);
    }
    int from = count * context;
    int to = batchSize * context;
    Arrays.fill(ids.arena().array(), ids.offset() + from, ids.offset() + to, 0);
    Arrays.fill(targets.arena().array(), targets.offset() + from, targets.offset() + to, NONE);
    ids.upload();
    targets.upload();
  }

  private int target(int row) {
    return (int) targets.arena().array()[targets.offset() + row];
  }

  private boolean isLikeliest(Part part, int row, int target) {
    if (target == NONE) {
      return false;
    }
    float[] array = part.logits().arena().array();
    int from = part.logits().offset() + row * part.stride();
    float logit = array[from + target];
    for (int id = 0; id < vocabularySize; id++) {
      float other = array[from + id];
      if (other > logit || (other == logit && id < target)) {
        return false;
      }
    }
    return true;
  }
}
