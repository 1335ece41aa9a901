package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.Span;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.ProgramRecorder;

/** Evaluates the windows of a text, as many at once as a pass has. Confined to one thread. */
final class LossPass {
  /** No token: the row counts nothing. */
  private static final int NONE = -1;

  private final int batchSize;
  private final int context;
  private final ByteLengths byteLengths;
  private final Span ids;
  private final Span targets;
  private final Span losses;
  private final LogitsPass logits;
  private long correct;

  LossPass(
      ProgramRecorder recorder, PlannedPass pass, int vocabularySize, ByteLengths byteLengths) {
    TokenBatch batch = pass.batch();
    this.batchSize = batch.batch();
    this.context = batch.time();
    this.byteLengths = byteLengths;
    this.ids = recorder.span(batch.ids());
    this.targets = recorder.span(batch.targets());
    this.losses = recorder.span(batch.losses());
    this.logits = new LogitsPass(recorder, pass, vocabularySize);
  }

  /** Evaluates all windows of the text, in order. */
  Losses run(EvaluationText text) {
    double[] sums = new double[context];
    long windows = text.windows(context);
    correct = 0;
    long bytes = 0;
    for (long window = 0; window < windows; window += batchSize) {
      int count = (int) Math.min(batchSize, windows - window);
      load(text, window, count);
      logits.run(this::count);
      losses.download();
      for (int i = 0; i < count * context; i++) {
        sums[i % context] += losses.get(i);
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
    ids.fill(from, to, 0);
    targets.fill(from, to, NONE);
    ids.upload();
    targets.upload();
  }

  private int target(int row) {
    return (int) targets.get(row);
  }

  private void count(int row, float[] array, int from) {
    int target = target(row);
    if (target != NONE && logits.isLikeliest(array, from, target)) {
      correct++;
    }
  }
}
