package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.program.ProgramRecorder;
import java.nio.ByteBuffer;

/**
 * The mean loss over a fixed validation set: windows of context + 1 tokens spread evenly over the
 * validation split. Rank r computes batches r, r + N, …; the batches' sums are added up in batch
 * order, so that the loss does not depend on the world size.
 */
final class Evaluator {
  private final Communicator communicator;
  private final TokenDataset data;
  private final BatchShape shape;
  private final BatchSpans fields;
  private final CommandBuffer evaluation;
  private final int batches;
  private final long tokens;

  Evaluator(
      RankMemoryLayout layout,
      RankMemory memory,
      Communicator communicator,
      TokenDataset data,
      TrainingConfiguration training) {
    this.communicator = communicator;
    this.data = data;
    this.shape = layout.batch();
    ProgramRecorder recorder = layout.recorder(memory);
    this.fields = BatchSpans.of(layout.fields(), recorder);
    this.evaluation = recorder.record("evaluation", layout.evaluation().operations(), false);
    this.batches = training.evaluationBatches();
    this.tokens = data.tokens(TokenSplit.VALIDATION);
    if (tokens < shape.context() + 1L) {
      throw new TrainingException(
          "The validation split is shorter than one sequence; prepare a larger validation split or"
              + " lower model.context: validationTokens="
              + tokens
              + ", context="
              + shape.context());
    }
  }

  /** Evaluates the current parameters; collective. */
  double loss(long step) {
    int own = Math.max(0, (batches - communicator.rank() - 1) / communicator.worldSize() + 1);
    ByteBuffer mine = ByteBuffer.allocate(own * Double.BYTES);
    for (int batch = communicator.rank(); batch < batches; batch += communicator.worldSize()) {
      load(batch);
      evaluation.run();
      mine.putDouble(fields.sumOfLosses());
    }
    byte[][] messages =
        communicator.allGatherBytes(new CollectiveKey(step, Phase.EVALUATION, 0), mine.array());
    double sum = 0;
    for (int batch = 0; batch < batches; batch++) {
      ByteBuffer message = ByteBuffer.wrap(messages[batch % communicator.worldSize()]);
      sum += message.getDouble(batch / communicator.worldSize() * Double.BYTES);
    }
    return sum / ((long) batches * shape.rowsPerPass());
  }

  private void load(int batch) {
    int time = shape.context();
    long windows = (long) batches * shape.microBatch();
    long span = tokens - (time + 1L);
    for (int row = 0; row < shape.microBatch(); row++) {
      long window = (long) batch * shape.microBatch() + row;
      // In double, because the product may pass 2^63; the last window ends with the split.
      long position = windows == 1 ? 0 : (long) ((double) span * window / (windows - 1));
      position = Math.min(position, span);
      read(position, fields.ids(), row * time, time);
      read(position + 1, fields.targets(), row * time, time);
    }
    fields.upload();
  }

  private void read(long position, Span span, int from, int length) {
    data.read(TokenSplit.VALIDATION, position, span.arena().array(), span.offset() + from, length);
  }
}
