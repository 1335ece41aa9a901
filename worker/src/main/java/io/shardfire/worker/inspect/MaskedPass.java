package io.shardfire.worker.inspect;

import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.objective.Objective;
import io.shardfire.worker.program.ProgramRecorder;
import java.util.Arrays;

/** Evaluates an encoder on the masked sequences of an objective. Confined to one thread. */
final class MaskedPass {
  private static final int IGNORED = -1;

  private final BatchSpans batch;
  private final LogitsPass logits;
  private final long[] counts;
  private long correct;

  MaskedPass(ProgramRecorder recorder, PlannedPass pass, int vocabularySize) {
    this.batch = BatchSpans.of(pass.batch(), recorder);
    this.logits = new LogitsPass(recorder, pass, vocabularySize);
    this.counts = new long[vocabularySize];
  }

  /** Evaluates the sequences from 0 to before {@code sequences}, in order. */
  MaskedLosses run(Objective objective, long sequences) {
    int batchSize = batch.form().batch();
    double losses = 0;
    double weights = 0;
    correct = 0;
    Arrays.fill(counts, 0);
    for (long first = 0; first < sequences; first += batchSize) {
      for (int row = 0; row < batchSize; row++) {
        // Behind the last sequence, rows repeat it and count nothing.
        long sequence = Math.min(first + row, sequences - 1);
        objective.write(sequence, row, 1, batch);
        if (first + row < sequences) {
          weights += objective.weight(sequence);
        } else {
          ignore(row);
        }
      }
      batch.upload();
      logits.run(this::count);
      losses += batch.sumOfLosses();
    }
    return new MaskedLosses(
        sequences,
        Arrays.stream(counts).sum(),
        losses / weights,
        correct,
        Arrays.stream(counts).max().orElseThrow());
  }

  private void ignore(int row) {
    int from = row * batch.form().time();
    batch.targets().fill(from, from + batch.form().time(), IGNORED);
  }

  private void count(int row, float[] array, int from) {
    int target = (int) batch.targets().get(row);
    if (target == IGNORED) {
      return;
    }
    counts[target]++;
    if (logits.isLikeliest(array, from, target)) {
      correct++;
    }
  }
}
