package io.shardfire.worker.train;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.model.Gpt2;
import io.shardfire.worker.model.Gpt2Activations;
import java.nio.ByteBuffer;

/**
 * The mean loss over a fixed validation set: windows of context + 1 tokens spread evenly over the
 * validation split. Rank r computes batches r, r + N, …; the batches' sums are added up in batch
 * order, so that the loss does not depend on the world size.
 */
final class Evaluator {
  private final Communicator communicator;
  private final TokenDataset data;
  private final Gpt2Activations plan;
  private final Arena activations;
  private final CommandBuffer evaluation;
  private final int batches;
  private final long tokens;

  Evaluator(
      Gpt2 model,
      Arena activations,
      Communicator communicator,
      TokenDataset data,
      TrainingConfiguration training) {
    this.communicator = communicator;
    this.data = data;
    this.plan = model.plan();
    this.activations = activations;
    this.evaluation = model.evaluation();
    this.batches = training.evaluationBatches();
    this.tokens = data.tokens(TokenSplit.VALIDATION);
    if (tokens < plan.time() + 1L) {
      throw new TrainingException(
          "The validation split is shorter than one sequence; prepare a larger validation split or"
              + " lower model.context: validationTokens="
              + tokens
              + ", context="
              + plan.time());
    }
  }

  /** Evaluates the current parameters; collective. */
  double loss(long step) {
    int own = Math.max(0, (batches - communicator.rank() - 1) / communicator.worldSize() + 1);
    ByteBuffer mine = ByteBuffer.allocate(own * Double.BYTES);
    for (int batch = communicator.rank(); batch < batches; batch += communicator.worldSize()) {
      load(batch);
      evaluation.run();
      mine.putDouble(sumOfLosses());
    }
    byte[][] messages =
        communicator.allGatherBytes(new CollectiveKey(step, Phase.EVALUATION, 0), mine.array());
    double sum = 0;
    for (int batch = 0; batch < batches; batch++) {
      ByteBuffer message = ByteBuffer.wrap(messages[batch % communicator.worldSize()]);
      sum += message.getDouble(batch / communicator.worldSize() * Double.BYTES);
    }
    return sum / ((long) batches * plan.rows());
  }

  private double sumOfLosses() {
    plan.losses().in(activations).download();
    double sum = 0;
    for (int row = 0; row < plan.rows(); row++) {
      sum += activations.array()[plan.losses().offset() + row];
    }
    return sum;
  }

  private void load(int batch) {
    float[] array = activations.array();
    int time = plan.time();
    long windows = (long) batches * plan.batch();
    long span = tokens - (time + 1L);
    for (int row = 0; row < plan.batch(); row++) {
      long window = (long) batch * plan.batch() + row;
      // In double, because the product may pass 2^63; the last window ends with the split.
      long position = windows == 1 ? 0 : (long) ((double) span * window / (windows - 1));
      position = Math.min(position, span);
      data.read(TokenSplit.VALIDATION, position, array, plan.ids().offset() + row * time, time);
      data.read(
          TokenSplit.VALIDATION, position + 1, array, plan.targets().offset() + row * time, time);
    }
    plan.ids().in(activations).upload();
    plan.targets().in(activations).upload();
  }
}
