package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.objective.Objective;
import io.shardfire.worker.program.ProgramRecorder;
import java.nio.ByteBuffer;

/**
 * The mean loss over a fixed validation set, each row by its weight: sequences spread evenly over
 * the validation split, with the same masks every time. Rank r computes batches r, r + N, …; the
 * batches' sums are added up in batch order, so that the loss does not depend on the world size.
 */
final class Evaluator {
  private final Communicator communicator;
  private final Objective objective;
  private final BatchShape shape;
  private final BatchSpans fields;
  private final CommandBuffer evaluation;
  private final int batches;
  private final double scale;

  /**
   * @param objective over the validation split, of all sequences of the set
   * @throws TrainingException when nothing is to be predicted
   */
  Evaluator(
      RankMemoryLayout layout,
      RankMemory memory,
      Communicator communicator,
      Objective objective,
      int batches) {
    this.communicator = communicator;
    this.objective = objective;
    this.shape = layout.batch();
    ProgramRecorder recorder = layout.recorder(memory);
    this.fields = BatchSpans.of(layout.fields(), recorder);
    this.evaluation = recorder.record("evaluation", layout.evaluation().operations(), false);
    this.batches = batches;
    this.scale = fields.form().weighted() ? rows() / weight() : 1;
  }

  private long rows() {
    return (long) batches * shape.rowsPerPass();
  }

  private double weight() {
    double weight = 0;
    for (long sequence = 0; sequence < (long) batches * shape.microBatch(); sequence++) {
      weight += objective.weight(sequence);
    }
    if (!(weight > 0)) {
      throw new TrainingException(
          "Nothing is to be predicted in the validation set; prepare longer documents, or raise"
              + " training.evaluationBatches: evaluationBatches="
              + batches);
    }
    return weight;
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
    return sum / rows();
  }

  private void load(int batch) {
    for (int row = 0; row < shape.microBatch(); row++) {
      objective.write((long) batch * shape.microBatch() + row, row, scale, fields);
    }
    fields.upload();
  }
}
